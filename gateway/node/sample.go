package node

import "github.com/zegel/zegel/chaincode/loyalty"

// SampleProgramme is what the sample consortium agrees on: points worth a cent each, earliest
// expiry first, a claw-back that may make a balance negative.
func SampleProgramme(organisations []loyalty.Organisation) loyalty.Programme {
	return loyalty.Programme{
		Version: 1, Organisations: organisations, Quorum: voting(organisations)/2 + 1, Currency: "EUR",
		BurnOrder: loyalty.BurnEarliestExpiry, Returns: loyalty.ReturnsUnlimited,
		RedeemPoints: 1, RedeemMinor: 1,
		HoldSeconds: 15 * 60, HoldSecondsMax: 24 * 60 * 60,
		LateHours: 72, EarlySeconds: 5 * 60, GraceMonths: 1,
		Transfers: true, TransferMax: 100_000, EarnMax: 1_000_000, RedeemMax: 1_000_000,
	}
}

// SampleTerms is a sample chain's first promise: a point for every whole euro, to be spent within
// two years.
func SampleTerms(from loyalty.Day) *loyalty.Terms {
	return &loyalty.Terms{
		Version: 1, From: from, EarnPoints: 1, EarnMinor: 100, ValidMonths: 24,
		Prose: "One point for every whole euro of a purchase, rounded down. Points can be spent until the end of the month two years after the purchase.",
	}
}
