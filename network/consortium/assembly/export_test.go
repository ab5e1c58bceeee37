package assembly

// Explain is tested by itself: its table is about words, not about a network.
var Explain = explain
