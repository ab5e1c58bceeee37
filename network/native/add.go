package native

import "github.com/zegel/zegel/network/consortium/assembly"

// Add starts one more program beside the network in dir, a gateway for instance. Its output goes to
// the log of that name, Status tells of it, and Down ends it with the rest.
func Add(dir string, detach bool, name string, args ...string) error {
	layout, err := assembly.NewLayout(dir)
	if err != nil {
		return err
	}
	return newSupervisor(layout, detach).start(command{Name: name, Args: args})
}
