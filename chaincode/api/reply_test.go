package api_test

import (
	"testing"

	"github.com/zegel/zegel/chaincode/api"
	"github.com/zegel/zegel/chaincode/loyalty"
)

func TestAnOldReaderReadsANewReply(t *testing.T) {
	reply, err := api.ReadReply([]byte(`{"v":1,"outcomes":[{"op":"1","kind":"earn","status":"applied","mood":"good"}],"since":7}`))
	if err != nil || len(reply.Outcomes) != 1 || reply.Outcomes[0].Status != loyalty.StatusApplied {
		t.Errorf("%+v, %v", reply, err)
	}
	for name, text := range map[string]string{
		"another version": `{"v":2,"outcomes":[]}`, "no version": `{"outcomes":[]}`, "an array": `[]`, "nothing": ``, "no UTF-8": "{\"v\":1,\"x\":\"\xff\"}",
	} {
		if _, err := api.ReadReply([]byte(text)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}
