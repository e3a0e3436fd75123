package driver;

import driver.OnCard.Pin;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The driver: JSON-RPC on standard input and output.
 *
 * <p>Client is where your own client would be, OnCard what it knows of the card, Link its way there.
 */
final class Driver {
    private static final List<String> OPERATIONS = List.of(
            "tries_left", "verify_pin", "change_pin", "read_certificate", "sign", "read_my_number", "read_attributes",
            "close");

    private Client client = new Client("");

    /** There is no such method. */
    private static final class NoSuchMethod extends Exception {
        private static final long serialVersionUID = 1L;
    }

    public static void main(String[] arguments) throws IOException {
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        new Driver().serve(input, new PrintStream(System.out, true, StandardCharsets.UTF_8));
    }

    /** Answer requests, one a line, until `shutdown` or the end of input. */
    private void serve(BufferedReader input, PrintStream output) throws IOException {
        boolean over = false;
        while (!over) {
            String line = input.readLine();
            if (line == null) {
                break;
            }
            Map<?, ?> request = (Map<?, ?>) Json.read(line);
            output.println(Json.write(answer(request)));
            over = "shutdown".equals(request.get("method"));
        }
        client.close();
    }

    private Map<String, Object> answer(Map<?, ?> request) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("jsonrpc", "2.0");
        answer.put("id", request.get("id"));
        try {
            answer.put("result", perform((String) request.get("method"), (Map<?, ?>) request.get("params")));
        } catch (Failed failed) {
            Map<String, Object> data = new LinkedHashMap<>();
            data.put("outcome", failed.outcome);
            if (failed.triesLeft != null) {
                data.put("tries_left", failed.triesLeft);
            }
            answer.put("error", Map.of("code", -32000, "message", failed.getMessage(), "data", data));
        } catch (NoSuchMethod none) {
            answer.put("error", Map.of("code", -32601, "message", "this driver has no such method"));
        } catch (RuntimeException bug) { // one request must not end the driver; a bug's own words might quote a PIN
            String name = bug.getClass().getSimpleName();
            answer.put("error", Map.of("code", -32603, "message", "the driver failed with " + name));
        }
        return answer;
    }

    private Map<String, Object> perform(String method, Map<?, ?> params) throws Failed, NoSuchMethod {
        switch (method) {
            case "initialize" -> {
                client = new Client(text(params, "reader"));
                Object introduction = Map.of("name", "Java example", "version", "1.0");
                Object pins = Arrays.stream(Pin.values()).map(Pin::toString).toList();
                return Map.of("client", introduction, "operations", OPERATIONS, "pins", pins);
            }
            case "tries_left" -> {
                return Map.of("tries_left", client.triesLeft(pin(params)));
            }
            case "verify_pin" -> client.verifyPin(pin(params), text(params, "value"));
            case "change_pin" -> client.changePin(pin(params), text(params, "current"), text(params, "new"));
            case "read_certificate" -> {
                return Map.of("der", base64(client.readCertificate(text(params, "certificate"), text(params, "pin"))));
            }
            case "sign" -> {
                byte[] message = Base64.getDecoder().decode(text(params, "message"));
                byte[] signature =
                        client.sign(text(params, "key"), text(params, "pin"), text(params, "hash"), message);
                return Map.of("signature", base64(signature));
            }
            case "read_my_number" -> {
                return Map.of("my_number", client.readMyNumber(text(params, "pin")));
            }
            case "read_attributes" -> {
                return client.readAttributes(text(params, "pin"));
            }
            case "close" -> client.close();
            case "shutdown" -> { }
            default -> throw new NoSuchMethod();
        }
        return Map.of();
    }

    private static String text(Map<?, ?> params, String name) {
        return (String) params.get(name);
    }

    private static Pin pin(Map<?, ?> params) {
        return Pin.named(text(params, "pin"));
    }

    private static String base64(byte[] data) {
        return Base64.getEncoder().encodeToString(data);
    }
}
