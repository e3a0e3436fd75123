// Steers the cards of a private PC/SC stack from Java, whose HTTP client knows no Unix sockets, at a port:
// mynacard exec --control 127.0.0.1:0 -- java Steer.java

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.regex.Pattern;

public class Steer {
    private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final String URL = System.getenv("MYNACARD_CONTROL");
    private static final String TOKEN = System.getenv("MYNACARD_CONTROL_TOKEN");

    /** Send one request; what is refused is an exception with the sentence that says why. */
    static String ask(String method, String path, String body) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(URL + path)).header("Authorization", "Bearer " + TOKEN);
        if (body.isEmpty()) {
            request.method(method, BodyPublishers.noBody());
        } else {
            request.method(method, BodyPublishers.ofString(body)).header("Content-Type", "application/json");
        }
        var response = CLIENT.send(request.build(), BodyHandlers.ofString());
        if (response.statusCode() >= 400) {
            throw new IOException(pick(response.body(), "message"));
        }
        return response.body();
    }

    /** The value of that name in an answer, or the first where it is a list; a JSON library does this better. */
    static String pick(String answer, String name) {
        var found = Pattern.compile("\"" + name + "\": \\[?\"?([^\\],\"}]*)").matcher(answer);
        return found.find() ? found.group(1) : "";
    }

    static boolean isIn(String reader) {
        return !pick(reader, "card").equals("null");
    }

    public static void main(String[] arguments) throws Exception {
        System.out.println("card in the reader: " + isIn(ask("DELETE", "/readers/0/card", "")));
        System.out.println("card in the reader: " + isIn(ask("POST", "/readers/0/card", "")));

        var ordered = ask("POST", "/readers/0/faults", "{\"fault\": \"verify:1:tear-after\"}");
        System.out.println("ordered: " + pick(ordered, "ordered"));
        // Here your program enters a PIN. The card acts on it, leaves, and its answer is lost.
        ask("DELETE", "/readers/0/faults", "");

        var locked = ask("POST", "/cards", "{\"profile\": \"adult\", \"tries\": {\"auth\": 0}}");
        var card = pick(locked, "card");
        ask("PUT", "/readers/0/card", "{\"card\": " + card + "}");
        System.out.println("tries left: " + pick(locked, "auth"));

        ask("POST", "/clock", "{\"opening\": true}");
        var visit = ask("POST", "/office/counter.reset_pin", "{\"pin\": \"auth\", \"new\": \"4829\"}");
        System.out.println("at the counter: " + pick(visit, "outcome"));
        System.out.println("tries left: " + pick(ask("GET", "/cards/" + card, ""), "auth"));
    }
}
