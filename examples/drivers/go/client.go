package main

import (
	"bytes"
	"errors"
)

const (
	block        = 256
	endOfOffsets = 0x8000
)

// Client is what a user wants from a card; this is where your own client would be.
//
// Each exported method is one action, and returns a *Failed where it does not succeed. A PIN is sent to the card once
// for each action and is kept, logged and repeated nowhere.
type Client struct{ link Link }

// TriesLeft asks the card's own counter; that is free.
func (client *Client) TriesLeft(pin *Pin) (left int, err error) {
	err = client.link.Action(func() error {
		left, err = client.query(pin)
		return err
	})
	return left, err
}

// VerifyPin enters a PIN.
func (client *Client) VerifyPin(pin *Pin, value string) error {
	entry, err := pin.wellFormed(value)
	if err != nil {
		return err
	}
	return client.link.Action(func() error { return client.enter(pin, entry) })
}

// ChangePin changes a PIN whose current value is known: VERIFY that, then CHANGE REFERENCE DATA to the new one.
func (client *Client) ChangePin(pin *Pin, current, chosen string) error {
	if !pin.chosen {
		return failed("not_permitted", "this PIN is not for its holder to choose")
	}
	entry, err := pin.wellFormed(current)
	if err != nil {
		return err
	}
	newEntry, err := pin.wellFormed(chosen)
	if err != nil {
		return err
	}
	return client.link.Action(func() error {
		if err := client.enter(pin, entry); err != nil {
			return err
		}
		return client.sendPin(pin, command(0x00, 0x24, 0x01, 0x80, newEntry, 0))
	})
}

// ReadCertificate reads a certificate; only the sign certificate needs a PIN, and no other is given one.
func (client *Client) ReadCertificate(certificate string, pin *string) ([]byte, error) {
	if certificate != "sign" {
		pin = nil
	}
	return client.withPin("sign", pin, func(unlock func() error) ([]byte, error) {
		if err := client.enterJpki(certificate, "cert_absent"); err != nil {
			return nil, err
		}
		if err := unlock(); err != nil {
			return nil, err
		}
		return client.readObject(certificates[certificate], certificateTag, "cert_absent")
	})
}

// Sign signs a DigestInfo, which the card pads by PKCS#1 v1.5.
func (client *Client) Sign(key string, pin *string, digestInfo []byte) ([]byte, error) {
	return client.withPin(key, pin, func(unlock func() error) ([]byte, error) {
		if err := client.enterJpki(key, "cert_absent"); err != nil {
			return nil, err
		}
		if err := unlock(); err != nil {
			return nil, err
		}
		if err := client.selectFile(keys[key], "cert_absent"); err != nil {
			return nil, err
		}
		return client.demand(command(0x80, 0x2A, 0x00, 0x80, digestInfo, block))
	})
}

// ReadMyNumber reads the twelve digits.
func (client *Client) ReadMyNumber(pin *string) (string, error) {
	record, err := client.readText(myNumber, myNumberTag, pin)
	if err != nil {
		return "", err
	}
	return myNumberIn(record)
}

// ReadAttributes reads name, address, birth date and sex.
func (client *Client) ReadAttributes(pin *string) (*Attributes, error) {
	record, err := client.readText(attributes, attributesTag, pin)
	if err != nil {
		return nil, err
	}
	return attributesIn(record)
}

// Close ends the session with the card.
func (client *Client) Close() { client.link.Close() }

// ------------------------------------------------------------ steps

// withPin does one action for which a PIN may be needed; its steps get a function that enters it, if there is one.
func (client *Client) withPin(
	name string, typed *string, steps func(unlock func() error) ([]byte, error),
) (data []byte, err error) {
	pin := pinNamed(name)
	unlock := func() error { return nil }
	if typed != nil {
		entry, err := pin.wellFormed(*typed)
		if err != nil {
			return nil, err
		}
		unlock = func() error { return client.verify(pin, entry) }
	}
	err = client.link.Action(func() error {
		data, err = steps(unlock)
		return err
	})
	return data, err
}

func (client *Client) query(pin *Pin) (int, error) {
	if err := client.enterApplication(pin); err != nil {
		return 0, err
	}
	if err := client.selectFile(pin.file, "pin_absent"); err != nil {
		return 0, err
	}
	_, sw, err := client.link.Transmit(command(0x00, 0x20, 0x00, 0x80, nil, 0))
	switch {
	case err != nil:
		return 0, err
	case sw&0xFFF0 == 0x63C0:
		return int(sw & 0x0F), nil
	case sw == 0x6983, sw == 0x6984:
		return 0, nil
	case sw == 0x9000: // some cards say so while the PIN is verified, and a success restores all tries
		return pin.tries, nil
	default:
		return 0, refused(sw)
	}
}

func (client *Client) enter(pin *Pin, entry []byte) error {
	if err := client.enterApplication(pin); err != nil {
		return err
	}
	return client.verify(pin, entry)
}

func (client *Client) verify(pin *Pin, entry []byte) error {
	if err := client.selectFile(pin.file, "pin_absent"); err != nil {
		return err
	}
	return client.sendPin(pin, command(0x00, 0x20, 0x00, 0x80, entry, 0))
}

func (client *Client) enterApplication(pin *Pin) error {
	if bytes.Equal(pin.application, jpki) {
		return client.enterJpki(pin.name, "pin_absent")
	}
	return client.selectApplication(pin.application)
}

// enterJpki selects the JPKI application, unless it says that there is no such certificate, and hence no PIN for it.
//
// Only this tells a PIN that was never set from a locked one: both have no tries.
func (client *Client) enterJpki(certificate, absent string) error {
	if err := client.selectApplication(jpki); err != nil {
		return err
	}
	place, flagged := flags[certificate]
	if !flagged {
		return nil
	}
	if err := client.selectFile(available, "card_unreadable"); err != nil {
		return err
	}
	said, err := client.read(0, 3)
	if err != nil {
		return err
	}
	if place < len(said) && said[place] == 0x00 {
		return failed(absent, "the card has no %s certificate", certificate)
	}
	return nil
}

func (client *Client) selectApplication(aid []byte) error {
	apdu := command(0x00, 0xA4, 0x04, 0x0C, aid, 0)
	_, sw, err := client.link.Transmit(apdu)
	if err == nil && sw == 0x6F00 { // one card says this to its first command after power-on, whatever that is
		_, sw, err = client.link.Transmit(apdu)
	}
	switch {
	case err != nil:
		return err
	case sw == 0x9000:
		return nil
	case sw == 0x6A82:
		return failed("wrong_card", "the card does not have this application")
	default:
		return refused(sw)
	}
}

func (client *Client) selectFile(file byte, absent string) error {
	_, sw, err := client.link.Transmit(command(0x00, 0xA4, 0x02, 0x0C, []byte{0x00, file}, 0))
	switch {
	case err != nil:
		return err
	case sw == 0x9000:
		return nil
	case sw == 0x6A82:
		return failed(absent, "the card has no file %04X", file)
	default:
		return refused(sw)
	}
}

// sendPin sends what may cost a try: once. If its answer is lost, nobody knows whether it counted.
func (client *Client) sendPin(pin *Pin, apdu []byte) error {
	_, sw, err := client.link.Transmit(apdu)
	switch {
	case errors.As(err, &errLost{}):
		return failed("unknown_outcome", "the card was lost while it had the PIN: %v", err)
	case err != nil:
		return err
	case sw == 0x9000:
		return nil
	case sw == 0x63C0, sw == 0x6983, sw == 0x6984:
		return failed("locked", "the %s PIN is locked; the municipal office can reset it", pin.name)
	case sw&0xFFF0 == 0x63C0:
		left := int(sw & 0x0F)
		wrong := failed("wrong_pin", "wrong PIN, tries left: %d", left)
		wrong.TriesLeft = &left
		return wrong
	default:
		return refused(sw)
	}
}

func (client *Client) readText(file byte, tag []byte, pin *string) ([]byte, error) {
	return client.withPin("text", pin, func(unlock func() error) ([]byte, error) {
		if err := client.selectApplication(text); err != nil {
			return nil, err
		}
		if err := unlock(); err != nil {
			return nil, err
		}
		return client.readObject(file, tag, "card_unreadable")
	})
}

// readObject reads the data object at the start of a file, and none of the filler behind it.
func (client *Client) readObject(file byte, tag []byte, absent string) ([]byte, error) {
	if err := client.selectFile(file, absent); err != nil {
		return nil, err
	}
	data, err := client.read(0, block)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(data, tag) {
		return nil, failed(absent, "there is nothing in the file %04X", file)
	}
	_, end, err := extent(data, len(tag))
	if err != nil {
		return nil, err
	}
	if end > endOfOffsets {
		return nil, failed("card_unreadable", "a file claims to be longer than files are")
	}
	for len(data) < end {
		next, err := client.read(len(data), min(block, end-len(data)))
		if err != nil {
			return nil, err
		}
		if len(next) == 0 {
			return nil, failed("card_unreadable", "a file ends before its content")
		}
		data = append(data, next...)
	}
	return data[:end], nil
}

func (client *Client) read(offset, count int) ([]byte, error) {
	data, sw, err := client.link.Transmit(command(0x00, 0xB0, byte(offset>>8), byte(offset), nil, count))
	switch {
	case err != nil:
		return nil, err
	case sw == 0x9000:
		return data, nil
	case sw == 0x6B00: // the file ends before this offset
		return nil, nil
	default:
		return nil, refused(sw)
	}
}

func (client *Client) demand(apdu []byte) ([]byte, error) {
	data, sw, err := client.link.Transmit(apdu)
	if err != nil {
		return nil, err
	}
	if sw != 0x9000 {
		return nil, refused(sw)
	}
	return data, nil
}

func refused(sw uint16) *Failed {
	if sw == 0x6982 {
		return failed("not_permitted", "the card wants a PIN for this")
	}
	return failed("protocol_error", "the card answered %04X", sw)
}
