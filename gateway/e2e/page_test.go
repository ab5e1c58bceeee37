package e2e_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var screenshot = flag.String("screenshot", "", "write a picture of the page, after a sale, to this file")

// browser opens the till page of a chain in Chromium and collects what the console complains of.
func browser(t *testing.T, width, height int64) (ctx context.Context, complaints func() []string) {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil && path == "" {
			path = found
		}
	}
	if path == "" {
		t.Skip("no chromium on PATH: the page is not tried in a browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.WindowSize(int(width), int(height)))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(closeTab)
	must(t, ctx, chromedp.Navigate("about:blank")) // the browser lives as long as the context of its first call
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	t.Cleanup(cancel)

	var mu sync.Mutex
	var found []string
	note := func(text string) {
		mu.Lock()
		defer mu.Unlock()
		found = append(found, text)
	}
	listen := func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			note(fmt.Sprintf("%+v", e.ExceptionDetails))
		case *log.EventEntryAdded:
			// A refused request is logged as an error too; the page shows it as its problem.
			if e.Entry.Level == "error" && !strings.Contains(e.Entry.Text, "Failed to load resource") {
				note(e.Entry.Text)
			}
		}
	}
	must(t, ctx, chromedp.EmulateViewport(width, height))
	if err := chromedp.Listen(ctx, listen); err != nil {
		t.Fatal(err)
	}
	return ctx, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return found
	}
}

func must(t *testing.T, ctx context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	for n, action := range actions {
		if err := chromedp.Do(ctx, action); err != nil {
			said, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("#problem")?.textContent ?? ""`))
			t.Fatalf("action %d: %v; the page says: %q", n+1, err, said)
		}
	}
}

// ask evaluates an expression in the page.
func ask[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// see waits until the text of an element contains what is wanted.
func see(selector, wanted string) chromedp.Action[chromedp.Void] {
	script := fmt.Sprintf(`document.querySelector(%q)?.textContent.includes(%q) && document.querySelector(%q).offsetParent !== null`, selector, wanted, selector)
	return chromedp.Poll[chromedp.Void](script, chromedp.WithPollingInterval(30*time.Millisecond), chromedp.WithPollingTimeout(20*time.Second))
}

func press(key string) chromedp.Action[chromedp.Void] {
	return chromedp.KeyEvent(key, chromedp.KeyModifiers(chromedp.ModifierAlt))
}

// TestTheTillPage does in the browser what a person does in the first minute.
func TestTheTillPage(t *testing.T) {
	ctx, complaints := browser(t, 1280, 1180)
	chain := world.Directory.Chains[0]
	email := fresh("page") + "@mail.example"
	address := chain.URL + "/#key=" + chain.Keys.Till
	must(t, ctx,
		chromedp.Navigate(address),
		see("#health", "ready"), see("#chain", chain.Name),
		// Somebody new.
		chromedp.SendKeys(chromedp.CSS("#find [name=who]"), email+kb.Enter),
		chromedp.WaitVisible(chromedp.CSS("#enrol")),
		chromedp.SendKeys(chromedp.CSS("#enrol [name=name]"), "Noor de Wit"+kb.Enter),
		see("#initial", "N"),
		// A basket by mouse, completed by keyboard.
		chromedp.Click(chromedp.CSS("#articles button:nth-child(8)")),
		chromedp.Click(chromedp.CSS("#articles button:nth-child(8)")),
		chromedp.Click(chromedp.CSS("#articles button:nth-child(1)")),
		see("#total", "24.47"), see("#quote", "24 points"),
		press("s"),
		see("#receipt", "24"), see("#balance", "24"), see("#lots", chain.Name), see("#proof", "block"),
		// Paying with points: hold, void, hold again, capture with the sale.
		chromedp.Click(chromedp.CSS("#articles button:nth-child(2)")),
		chromedp.WaitVisible(chromedp.CSS("#pay")),
		chromedp.SendKeys(chromedp.CSS("#pay [name=points]"), "10"+kb.Enter),
		see("#hold", "10 points on hold"), see("#held", "10 on hold"),
		press("v"),
		chromedp.WaitNotVisible(chromedp.CSS("#hold")),
		chromedp.WaitVisible(chromedp.CSS("#pay")),
		chromedp.SendKeys(chromedp.CSS("#pay [name=points]"), "20"+kb.Enter),
		see("#hold", "20 points on hold"),
		press("s"),
		see("#balance", "5"), // 24 earned, 20 spent, 1 for the 1.19 paid in money
	)
	if *screenshot != "" {
		must(t, ctx, see("#entries", "captured"),
			chromedp.Click(chromedp.CSS("#articles button:nth-child(3)")), chromedp.Click(chromedp.CSS("#articles button:nth-child(7)")),
			chromedp.Click(chromedp.CSS("#articles button:nth-child(7)")), see("#quote", "19 points"), chromedp.WaitVisible(chromedp.CSS("#pay")))
		picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(*screenshot, picture, 0o644); err != nil {
			t.Fatal(err)
		}
		must(t, ctx, chromedp.Click(chromedp.CSS("#clear")))
	}
	must(t, ctx,
		// The second sale comes back whole.
		chromedp.SetValue(chromedp.CSS("#back [name='line-1']"), "1"),
		chromedp.Click(chromedp.CSS("#back button.primary")),
		see("#balance", "24"),
		see("#entries", "restored"),
	)
	if url := ask[string](t, ctx, "location.href"); strings.Contains(url, "key=") {
		t.Errorf("the API key stays in the address: %s", url)
	}
	if found := complaints(); len(found) > 0 {
		t.Errorf("the console complains: %q", found)
	}
}

// TestTheTillPageOnAPhone looks for what does not fit.
func TestTheTillPageOnAPhone(t *testing.T) {
	ctx, complaints := browser(t, 390, 844)
	chain := world.Directory.Chains[1]
	must(t, ctx, chromedp.Navigate(chain.URL+"/#key="+chain.Keys.Till), see("#chain", chain.Name))
	if ask[bool](t, ctx, `document.documentElement.scrollWidth > document.documentElement.clientWidth`) {
		t.Error("the page scrolls sideways")
	}
	unnamed := ask[int](t, ctx, `[...document.querySelectorAll("input,select")].filter(e => !e.labels?.length && !e.ariaLabel).length`)
	if unnamed > 0 {
		t.Errorf("%d fields have no name for a screen reader", unnamed)
	}
	if found := complaints(); len(found) > 0 {
		t.Errorf("the console complains: %q", found)
	}
}

// TestASignInWithoutAKey asks for one.
func TestASignInWithoutAKey(t *testing.T) {
	ctx, _ := browser(t, 1024, 768)
	chain := world.Directory.Chains[2]
	must(t, ctx,
		chromedp.Navigate(chain.URL+"/"),
		chromedp.WaitVisible(chromedp.CSS("#signin")),
		chromedp.SendKeys(chromedp.CSS("#signin [name=key]"), chain.Keys.Till+kb.Enter),
		see("#chain", chain.Name),
	)
}
