package journal

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Generate makes a journal of n sales and what follows from them, the same for the same seed:
// a few hundred members who shop at three chains, baskets of groceries, about one sale in twelve
// brought back in part, about one in ten paid in part with points.
func Generate(seed uint64, n int) []Event {
	g := generator{rnd: rand.New(rand.NewPCG(seed, 0x7a656765)), at: sampleStart}
	for range n {
		g.step()
	}
	return g.events
}

var sampleStart = time.Date(2026, time.March, 2, 7, 30, 0, 0, time.UTC)

const sampleMembers = 300

type generator struct {
	rnd    *rand.Rand
	at     time.Time
	next   int // receipt counter
	events []Event
	points [sampleMembers]int64 // a lower bound of what each member can spend
}

// groceries is what the baskets are made of: article, category, price in cents.
var groceries = []struct {
	sku, category string
	price         int64
}{
	{"8710400000017", "bread", 249}, {"8710400000024", "dairy", 139}, {"8710400000031", "dairy", 415},
	{"8710400000048", "vegetables", 189}, {"8710400000055", "fruit", 299}, {"8710400000062", "meat", 679},
	{"8710400000079", "fish", 895}, {"8710400000086", "drinks", 167}, {"8710400000093", "coffee", 749},
	{"8710400000109", "household", 1099}, {"8710400000116", "snacks", 215}, {"8710400000123", "bread", 95},
}

func (g *generator) step() {
	g.at = g.at.Add(time.Duration(5+g.rnd.IntN(115)) * time.Second)
	member := g.rnd.IntN(sampleMembers)
	chain := g.rnd.IntN(3)
	sale := g.sale(member, chain)
	g.events = append(g.events, sale)
	switch pick := g.rnd.IntN(60); {
	case pick < 5:
		g.bringBack(sale, member)
	case pick < 11 && g.points[member] >= 20:
		g.redeem(sale, member)
	}
}

func (g *generator) receipt() string {
	g.next++
	return fmt.Sprintf("%06d", g.next)
}

func (g *generator) sale(member, chain int) Event {
	e := Event{
		Kind: Sale, Chain: chain, Member: fmt.Sprintf("m%04d", member+1),
		Store: fmt.Sprintf("s%02d", 1+g.rnd.IntN(4)), Terminal: fmt.Sprintf("t%d", 1+g.rnd.IntN(3)),
		Receipt: g.receipt(), At: g.at,
	}
	for range 1 + g.rnd.IntN(9) {
		article := groceries[g.rnd.IntN(len(groceries))]
		quantity := int64(1 + g.rnd.IntN(4))
		line := Line{SKU: article.sku, Category: article.category, Quantity: quantity, Amount: quantity * article.price}
		e.Lines = append(e.Lines, line)
		e.Total += line.Amount
	}
	g.points[member] += e.Total / 100
	return e
}

// bringBack returns part of a sale a little later: half of the times by amount, half by line.
func (g *generator) bringBack(sale Event, member int) {
	g.points[member] -= sale.Total / 100
	e := Event{
		Kind: Return, Chain: sale.Chain, Member: sale.Member, Store: sale.Store, Terminal: sale.Terminal,
		Receipt: "R" + g.receipt(), At: g.at.Add(10 * time.Minute), Sale: sale.Receipt,
	}
	if g.rnd.IntN(2) == 0 {
		e.Amount = 1 + g.rnd.Int64N(sale.Total)
	} else {
		i := g.rnd.IntN(len(sale.Lines))
		e.Back = []ReturnLine{{Line: i + 1, Quantity: 1 + g.rnd.Int64N(sale.Lines[i].Quantity)}}
	}
	g.events = append(g.events, e)
}

func (g *generator) redeem(sale Event, member int) {
	points := 1 + g.rnd.Int64N(g.points[member])
	g.points[member] -= points
	g.events = append(g.events, Event{
		Kind: Redeem, Chain: sale.Chain, Member: sale.Member, Store: sale.Store, Terminal: sale.Terminal,
		Receipt: sale.Receipt, At: g.at.Add(time.Minute), Points: points,
	})
}
