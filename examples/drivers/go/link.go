package main

import (
	"errors"
	"time"

	"github.com/ebfe/scard"
)

// timeToNotice is how long PC/SC may need to see that a card has left.
const timeToNotice = 600 * time.Millisecond

// Failed says that an action did not succeed; Outcome is a name of the driver protocol.
type Failed struct {
	Outcome   string
	Message   string
	TriesLeft *int // what the card said, with a wrong PIN
}

func (failed *Failed) Error() string { return failed.Message }

// errLost is wrapped by every failure to get an answer from the card.
type errLost struct{ code scard.Error }

func (lost errLost) Error() string { return lost.code.Error() }

var outcomes = map[scard.Error]string{
	scard.ErrNoService:          "no_reader",
	scard.ErrServiceStopped:     "no_reader",
	scard.ErrNoReadersAvailable: "no_reader",
	scard.ErrReaderUnavailable:  "no_reader",
	scard.ErrUnknownReader:      "no_reader",
	scard.ErrNoSmartcard:        "no_card",
	scard.ErrSharingViolation:   "reader_busy",
	scard.ErrRemovedCard:        "card_removed",
}

// Link is a shared connection to the card in one reader; after any failure the next Action opens a new one.
type Link struct {
	reader    string
	context   *scard.Context
	card      *scard.Card
	exchanged int  // how many commands of the current action the card has answered
	used      bool // whether a PIN may have been verified since the card's power was last cut
}

// Action does the steps of one action, from its first SELECT on; no other program gets between two of its commands.
//
// Where not even the first command was answered, the session was over before the action began: the card had been
// exchanged, or another program had reset it. Nothing is lost then, and the action begins again on a new connection.
func (link *Link) Action(steps func() error) error {
	err := link.once(steps)
	if errors.As(err, &errLost{}) && link.exchanged == 0 {
		err = link.once(steps)
	}
	var lost errLost
	if errors.As(err, &lost) {
		return link.why(lost)
	}
	return err
}

// Transmit exchanges one APDU, and returns data and status word.
func (link *Link) Transmit(command []byte) ([]byte, uint16, error) {
	response, err := link.card.Transmit(command)
	if err == nil && len(response) < 2 { // some reader drivers say this when the card has just left
		err = scard.ErrNotTransacted
	}
	if err != nil {
		return nil, 0, link.lost(err)
	}
	link.exchanged++
	size := len(response) - 2
	return response[:size], uint16(response[size])<<8 | uint16(response[size+1]), nil
}

// Close lets go of the card, with its power cut.
//
// A verified PIN stays verified after a disconnect, and on this card even after a reset: the next program could sign
// with it. Only loss of power (or SELECT of another application) ends that.
func (link *Link) Close() {
	if link.used && link.connect() == nil { // otherwise there is no card on which a PIN could be verified
		link.letGo(scard.UnpowerCard)
	}
	link.used = false
}

func (link *Link) once(steps func() error) error {
	link.exchanged = 0
	link.used = true
	if err := link.connect(); err != nil {
		return err
	}
	if err := link.card.BeginTransaction(); err != nil {
		return link.lost(err)
	}
	defer func() {
		if link.card != nil {
			link.card.EndTransaction(scard.LeaveCard)
		}
	}()
	return steps()
}

func (link *Link) connect() error {
	if link.card != nil {
		return nil
	}
	context, err := scard.EstablishContext()
	if err != nil {
		return link.lost(err)
	}
	card, err := context.Connect(link.reader, scard.ShareShared, scard.ProtocolAny)
	if err != nil {
		context.Release()
		return link.lost(err)
	}
	link.context, link.card = context, card
	return nil
}

// lost ends a connection that has failed.
func (link *Link) lost(err error) error {
	link.letGo(scard.LeaveCard)
	var code scard.Error
	if !errors.As(err, &code) {
		return err
	}
	return errLost{code}
}

func (link *Link) letGo(disposition scard.Disposition) {
	if link.card != nil {
		link.card.Disconnect(disposition)
		link.context.Release()
		link.card, link.context = nil, nil
	}
}

// why says what became of the card when an answer was lost.
func (link *Link) why(lost errLost) *Failed {
	outcome, named := outcomes[lost.code]
	switch {
	case named:
	case link.cardIsPresent():
		outcome = "card_unreadable"
	default:
		outcome = "card_removed"
	}
	return &Failed{Outcome: outcome, Message: lost.Error()}
}

// cardIsPresent asks the reader, which may need half a second to notice that a card has left.
func (link *Link) cardIsPresent() bool {
	context, err := scard.EstablishContext()
	if err != nil {
		return false
	}
	defer context.Release()
	states := []scard.ReaderState{{Reader: link.reader, CurrentState: scard.StateUnaware}}
	if context.GetStatusChange(states, 0) != nil {
		return false
	}
	if states[0].EventState&scard.StatePresent != 0 {
		states[0].CurrentState = states[0].EventState
		context.GetStatusChange(states, timeToNotice) // a timeout says that nothing has changed
	}
	return states[0].EventState&scard.StatePresent != 0
}
