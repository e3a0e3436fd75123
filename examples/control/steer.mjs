// Steers the cards of a private PC/SC stack from JavaScript:  mynacard exec --control card.sock -- node steer.mjs
import http from "node:http";

const { MYNACARD_CONTROL: address, MYNACARD_CONTROL_TOKEN: token } = process.env;
const place = address.startsWith("unix:")
  ? { socketPath: address.slice("unix:".length) }
  : { host: new URL(address).hostname, port: new URL(address).port };

/** Send one request; what is refused is an error with the sentence that says why. */
function ask(method, path, body) {
  const headers = { Authorization: `Bearer ${token}` };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return new Promise((resolve, reject) => {
    const request = http.request({ ...place, method, path, headers }, async (response) => {
      let text = "";
      for await (const chunk of response.setEncoding("utf8")) text += chunk;
      const answer = JSON.parse(text);
      if (response.statusCode < 400) resolve(answer);
      else reject(new Error(answer.message));
    });
    request.on("error", reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

console.log("card in the reader:", (await ask("DELETE", "/readers/0/card")).card !== null);
console.log("card in the reader:", (await ask("POST", "/readers/0/card")).card !== null);

const { ordered } = await ask("POST", "/readers/0/faults", { fault: "verify:1:tear-after" });
console.log("ordered:", ordered[0]);
// Here your program enters a PIN. The card acts on it, leaves, and its answer is lost.
await ask("DELETE", "/readers/0/faults");

const locked = await ask("POST", "/cards", { profile: "adult", tries: { auth: 0 } });
await ask("PUT", "/readers/0/card", { card: locked.card });
console.log("tries left:", locked.tries.auth);

await ask("POST", "/clock", { opening: true });
const visit = await ask("POST", "/office/counter.reset_pin", { pin: "auth", new: "4829" });
console.log("at the counter:", visit.outcome);
console.log("tries left:", (await ask("GET", `/cards/${locked.card}`)).tries.auth);
