// Steers the cards of a private PC/SC stack from Go:  mynacard exec --control card.sock -- go run steer.go
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
)

// Card is the control socket: its URL, and how to get there.
type Card struct {
	url    string
	client http.Client
}

// Open finds it in the environment: unix:PATH, or a URL and its token.
func Open() Card {
	address := os.Getenv("MYNACARD_CONTROL")
	path, isSocket := strings.CutPrefix(address, "unix:")
	if !isSocket {
		return Card{url: address}
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}
	return Card{"http://localhost", http.Client{Transport: &http.Transport{DialContext: dial}}}
}

// Ask sends one request, ends the program where it is refused, and returns what is answered.
func (card Card) Ask(method, path string, body any) map[string]any {
	request, err := http.NewRequest(method, card.url+path, nil)
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("MYNACARD_CONTROL_TOKEN"))
	if body != nil {
		text, _ := json.Marshal(body)
		request.Header.Set("Content-Type", "application/json")
		request.Body = io.NopCloser(bytes.NewReader(text))
	}
	response, err := card.client.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		log.Fatal(err)
	}
	if response.StatusCode >= 400 {
		log.Fatal(answer["message"])
	}
	return answer
}

func triesLeft(card map[string]any) any {
	return card["tries"].(map[string]any)["auth"]
}

func main() {
	card := Open()

	fmt.Println("card in the reader:", card.Ask("DELETE", "/readers/0/card", nil)["card"] != nil)
	fmt.Println("card in the reader:", card.Ask("POST", "/readers/0/card", nil)["card"] != nil)

	ordered := card.Ask("POST", "/readers/0/faults", map[string]string{"fault": "verify:1:tear-after"})
	fmt.Println("ordered:", ordered["ordered"].([]any)[0])
	// Here your program enters a PIN. The card acts on it, leaves, and its answer is lost.
	card.Ask("DELETE", "/readers/0/faults", nil)

	locked := card.Ask("POST", "/cards", map[string]any{"profile": "adult", "tries": map[string]int{"auth": 0}})
	card.Ask("PUT", "/readers/0/card", map[string]any{"card": locked["card"]})
	fmt.Println("tries left:", triesLeft(locked))

	card.Ask("POST", "/clock", map[string]bool{"opening": true})
	visit := card.Ask("POST", "/office/counter.reset_pin", map[string]string{"pin": "auth", "new": "4829"})
	fmt.Println("at the counter:", visit["outcome"])
	fmt.Println("tries left:", triesLeft(card.Ask("GET", fmt.Sprintf("/cards/%v", locked["card"]), nil)))
}
