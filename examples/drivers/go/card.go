package main

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// What is known of every card: where things are, how files are written, and what goes into a signature.

var (
	jpki = []byte{0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01}
	text = []byte{0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08}
	juki = []byte{0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x01}
)

// available is a file of three flags; those of sign and auth certificate come first, and 00 says that there is none.
const (
	available  = 0x08
	myNumber   = 0x01
	attributes = 0x02
)

var (
	myNumberTag    = []byte{0xFF, 0x10}
	attributesTag  = []byte{0xFF, 0x20}
	certificateTag = []byte{0x30}
)

// Pin says where a PIN is, what it looks like, how many tries it has, and whether its holder may choose another.
type Pin struct {
	name        string
	application []byte
	file        byte
	form        *regexp.Regexp
	tries       int
	chosen      bool
}

var (
	fourDigits = regexp.MustCompile(`^[0-9]{4}$`)
	pins       = []*Pin{
		{"sign", jpki, 0x1B, regexp.MustCompile(`^[A-Za-z0-9]{6,16}$`), 5, true},
		{"auth", jpki, 0x18, fourDigits, 3, true},
		{"text", text, 0x11, fourDigits, 3, true},
		{"juki", juki, 0x1C, fourDigits, 3, false},
		{"number_a", text, 0x14, regexp.MustCompile(`^[0-9]{12}$`), 10, false},
		{"number_b", text, 0x15, regexp.MustCompile(`^[0-9]{14}$`), 10, false},
	}
	certificates = map[string]byte{"sign": 0x01, "sign_ca": 0x02, "auth": 0x0A, "auth_ca": 0x0B}
	keys         = map[string]byte{"sign": 0x1A, "auth": 0x17}
	flags        = map[string]int{"sign": 0, "auth": 1}
)

// digestInfos are what PKCS#1 puts before a digest.
var digestInfos = map[string][]byte{
	"sha256": []byte("\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"),
	"sha384": []byte("\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30"),
	"sha512": []byte("\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40"),
}

var sexes = map[string]string{"1": "male", "2": "female", "9": "not_applicable"}

// Attributes are what the text application says of a card's holder.
type Attributes struct {
	Name      string `json:"name"`
	Address   string `json:"address"`
	BirthDate string `json:"birth_date"`
	Sex       string `json:"sex"`
}

func pinNamed(name string) *Pin {
	for _, pin := range pins {
		if pin.name == name {
			return pin
		}
	}
	return nil
}

// wellFormed is what goes to the card for an entry; one that cannot be right ends here, and costs no try.
func (pin *Pin) wellFormed(typed string) ([]byte, error) {
	value := strings.Map(halfWidth, typed)
	if !pin.form.MatchString(value) {
		return nil, failed("format_rejected", "no %s PIN looks like that; nothing was sent to the card", pin.name)
	}
	return []byte(strings.ToUpper(value)), nil // the card knows only capital letters
}

// halfWidth narrows what is typed easily in Japanese.
func halfWidth(character rune) rune {
	if '！' <= character && character <= '～' {
		return character - '！' + '!'
	}
	return character
}

// command builds a short command APDU; ne is how many bytes are wanted, up to 256.
func command(cla, ins, p1, p2 byte, data []byte, ne int) []byte {
	apdu := []byte{cla, ins, p1, p2}
	if len(data) > 0 {
		apdu = append(append(apdu, byte(len(data))), data...)
	}
	if ne > 0 {
		apdu = append(apdu, byte(ne))
	}
	return apdu
}

// digestInfo is what the card is asked to sign, and nil for an unknown hash.
func digestInfo(hash string, message []byte) []byte {
	var digest []byte
	switch hash {
	case "sha256":
		sum := sha256.Sum256(message)
		digest = sum[:]
	case "sha384":
		sum := sha512.Sum384(message)
		digest = sum[:]
	case "sha512":
		sum := sha512.Sum512(message)
		digest = sum[:]
	default:
		return nil
	}
	return append(bytes.Clone(digestInfos[hash]), digest...)
}

// extent reads the header of a BER data object: where its value begins and ends. Some cards write 82 hh ll for a
// short one.
func extent(data []byte, tagSize int) (start, end int, err error) {
	noObject := failed("card_unreadable", "a file on the card does not begin with a data object")
	if len(data) <= tagSize {
		return 0, 0, noObject
	}
	start = tagSize + 1
	first := int(data[tagSize])
	if first < 0x80 {
		return start, start + first, nil
	}
	start += first - 0x80
	if first == 0x80 || first > 0x84 || len(data) < start {
		return 0, 0, noObject
	}
	length := 0
	for _, digit := range data[tagSize+1 : start] {
		length = length<<8 | int(digit)
	}
	return start, start + length, nil
}

// value is the value of the data object at the beginning, and what stands behind it.
func value(data []byte, tagSize int) (value, rest []byte, err error) {
	start, end, err := extent(data, tagSize)
	if err != nil {
		return nil, nil, err
	}
	if end > len(data) {
		return nil, nil, failed("card_unreadable", "a data object on the card is cut short")
	}
	return data[start:end], data[end:], nil
}

// myNumberIn finds the twelve digits in the record of myNumber.
func myNumberIn(record []byte) (string, error) {
	digits, _, err := value(record, len(myNumberTag))
	return string(digits), err
}

// attributesIn finds the four attributes in the record of attributes.
func attributesIn(record []byte) (*Attributes, error) {
	objects, _, err := value(record, len(attributesTag))
	if err != nil {
		return nil, err
	}
	found := map[string][]byte{}
	for len(objects) > 0 {
		written, rest, err := value(objects, 2)
		if err != nil {
			return nil, err
		}
		found[fmt.Sprintf("%X", objects[:2])] = written
		objects = rest
	}
	name, address, born := string(found["DF22"]), string(found["DF23"]), string(found["DF24"])
	if !utf8.ValidString(name + address + born) {
		return nil, failed("card_unreadable", "a text on the card is not UTF-8")
	}
	if len(born) != 8 {
		return nil, failed("card_unreadable", "the birth date on the card is no date")
	}
	sex, known := sexes[string(found["DF25"])]
	if !known {
		sex = "unknown"
	}
	return &Attributes{name, address, born[:4] + "-" + born[4:6] + "-" + born[6:], sex}, nil
}

func failed(outcome, format string, arguments ...any) *Failed {
	return &Failed{Outcome: outcome, Message: fmt.Sprintf(format, arguments...)}
}
