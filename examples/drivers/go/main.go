// Command mynacard-driver is a driver: JSON-RPC on standard input and output.
//
// client.go is where your own client would be, card.go what it knows of the card, link.go its way there.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"sort"
)

type request struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params params          `json:"params"`
}

// params are those of all methods together. Bytes are base64 in JSON, as the protocol wants them.
type params struct {
	Reader      string  `json:"reader"`
	Pin         *string `json:"pin"` // a name, or what to enter if the card wants a PIN, or null
	Value       string  `json:"value"`
	Current     string  `json:"current"`
	New         string  `json:"new"`
	Certificate string  `json:"certificate"`
	Key         string  `json:"key"`
	Hash        string  `json:"hash"`
	Message     []byte  `json:"message"`
}

type response struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Result  any             `json:"result,omitempty"`
	Error   *rpcError       `json:"error,omitempty"`
}

type rpcError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`
}

type object = map[string]any

// operation is one method of the protocol; it returns the members of the result.
type operation func(client *Client, p params) (any, error)

var operations = map[string]operation{
	"tries_left": func(client *Client, p params) (any, error) {
		return withPin(p, func(pin *Pin) (any, error) {
			left, err := client.TriesLeft(pin)
			return object{"tries_left": left}, err
		})
	},
	"verify_pin": func(client *Client, p params) (any, error) {
		return withPin(p, func(pin *Pin) (any, error) { return object{}, client.VerifyPin(pin, p.Value) })
	},
	"change_pin": func(client *Client, p params) (any, error) {
		return withPin(p, func(pin *Pin) (any, error) { return object{}, client.ChangePin(pin, p.Current, p.New) })
	},
	"read_certificate": func(client *Client, p params) (any, error) {
		if _, known := certificates[p.Certificate]; !known {
			return nil, errUnknownName
		}
		der, err := client.ReadCertificate(p.Certificate, p.Pin)
		return object{"der": der}, err
	},
	"sign": func(client *Client, p params) (any, error) {
		info := digestInfo(p.Hash, p.Message)
		if _, known := keys[p.Key]; !known || info == nil {
			return nil, errUnknownName
		}
		signature, err := client.Sign(p.Key, p.Pin, info)
		return object{"signature": signature}, err
	},
	"read_my_number": func(client *Client, p params) (any, error) {
		digits, err := client.ReadMyNumber(p.Pin)
		return object{"my_number": digits}, err
	},
	"read_attributes": func(client *Client, p params) (any, error) { return client.ReadAttributes(p.Pin) },
	"close":           func(client *Client, _ params) (any, error) { client.Close(); return object{}, nil },
}

var errUnknownName = errors.New("a name in the parameters is unknown")

func withPin(p params, act func(*Pin) (any, error)) (any, error) {
	if p.Pin == nil || pinNamed(*p.Pin) == nil {
		return nil, errUnknownName
	}
	return act(pinNamed(*p.Pin))
}

func introduction() object {
	names, known := []string{}, []string{}
	for name := range operations {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, pin := range pins {
		known = append(known, pin.name)
	}
	return object{"client": object{"name": "Go example", "version": "1.0"}, "operations": names, "pins": known}
}

func errorOf(err error) *rpcError {
	var failure *Failed
	if !errors.As(err, &failure) {
		return &rpcError{Code: -32602, Message: err.Error()}
	}
	data := object{"outcome": failure.Outcome}
	if failure.TriesLeft != nil {
		data["tries_left"] = *failure.TriesLeft
	}
	return &rpcError{Code: -32000, Message: failure.Message, Data: data}
}

// serve answers requests, one a line, until shutdown or the end of input.
func serve(input io.Reader, output io.Writer) error {
	client := &Client{}
	defer func() { client.Close() }()
	requests, responses := json.NewDecoder(bufio.NewReader(input)), json.NewEncoder(output)
	for {
		var asked request
		if err := requests.Decode(&asked); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		answer := response{Version: "2.0", ID: asked.ID}
		perform, known := operations[asked.Method]
		switch {
		case asked.Method == "initialize":
			client = &Client{Link{reader: asked.Params.Reader}}
			answer.Result = introduction()
		case asked.Method == "shutdown":
			answer.Result = object{}
		case !known:
			answer.Error = &rpcError{Code: -32601, Message: "this driver has no such method"}
		default:
			if result, err := perform(client, asked.Params); err != nil {
				answer.Error = errorOf(err)
			} else {
				answer.Result = result
			}
		}
		if err := responses.Encode(answer); err != nil {
			return err
		}
		if asked.Method == "shutdown" {
			return nil
		}
	}
}

func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		os.Exit(1) // what was read might have a PIN in it, so it is not quoted
	}
}
