package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/zegel/zegel/chaincode/loyalty"
	"github.com/zegel/zegel/gateway/teller"
)

// TestTheLargestBasketFitsAndALargerBodyDoesNot sends as many lines as the rules take, as long as an
// ordinary line is, and then a megabyte.
func TestTheLargestBasketFitsAndALargerBodyDoesNot(t *testing.T) {
	r := teller.EarnRequest{
		Member: theMember, Sale: teller.Sale{Receipt: "1", BusinessTime: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)},
		Basket: teller.Basket{Currency: "EUR"},
	}
	for i := range loyalty.MaxLines {
		line := teller.Line{SKU: fmt.Sprintf("%014d", i), Category: strings.Repeat("household-and-garden-", 3), Quantity: 12, Amount: 123_45}
		r.Basket.Lines = append(r.Basket.Lines, line)
		r.Basket.Total += line.Amount
	}
	body, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if response := sendEarn(t, string(body)); response.Code != http.StatusCreated {
		t.Errorf("%d bytes: answered %d %.300s", len(body), response.Code, response.Body)
	}
	megabyte := strings.Repeat(" ", 1<<20)
	wantProblem(t, sendEarn(t, megabyte), http.StatusRequestEntityTooLarge, "body_too_large")
}

func sendEarn(t *testing.T, body string) *httptest.ResponseRecorder {
	t.Helper()
	w := newWorld(t)
	request := httptest.NewRequest(http.MethodPost, "/v1/earns", strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+w.tokens["till"])
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", "key-0000-0000-0000")
	response := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(response, request)
	return response
}
