// Asks the card through the local helper. Its address and token come behind a # in a link, which no server sees; the
// PIN goes to the helper, and never into a form that is sent.

const words = JSON.parse(document.getElementById("words").textContent);
const heading = document.getElementById("page");

function knownHelper() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (given.has("helper")) {
    sessionStorage.setItem("helper", given.get("helper"));
    sessionStorage.setItem("token", given.get("token") ?? "");
    history.replaceState(null, "", location.pathname + location.search);
  }
  return { address: sessionStorage.getItem("helper"), token: sessionStorage.getItem("token") };
}

const helper = knownHelper();

async function ask(path, body) {
  if (!helper.address) return { outcome: "no_helper" };
  try {
    const response = await fetch(`http://${helper.address}${path}`, {
      method: body ? "POST" : "GET",
      headers: { Authorization: `Bearer ${helper.token}`, ...(body && { "Content-Type": "application/json" }) },
      body: body && JSON.stringify(body),
    });
    const answer = await response.json();
    return response.ok ? answer : { outcome: answer.error };
  } catch {
    return { outcome: "no_helper" };
  }
}

function tell(answer) {
  const sentence = (words[answer.outcome] ?? words.failed).replace("{tries_left}", answer.tries_left ?? "–");
  const line = document.getElementById("card");
  line.textContent = sentence;
  line.dataset.outcome = answer.outcome;
  line.hidden = false;
}

function send(form, more) {
  for (const [name, value] of Object.entries(more)) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    form.append(input);
  }
  form.submit();
}

// A locked PIN ends the login, and the page that follows says why.
function leave(answer) {
  const cancel = document.getElementById("portal-cancel");
  if (!cancel) return tell(answer);
  sessionStorage.setItem("said", JSON.stringify(answer));
  cancel.submit();
}

async function proof(form, service) {
  const field = form.querySelector("[data-pin]");
  const pin = field.value;
  field.value = "";
  const given = await fetch(`/api/${service}/challenge`, { method: "POST" });
  if (!given.ok) return tell({ outcome: "failed" });
  const { challenge } = await given.json();
  const answer = await ask("/proof", { challenge, pin });
  if (answer.outcome === "locked") return leave(answer);
  if (answer.outcome !== "ok") return tell(answer);
  send(form, { certificate: answer.certificate, challenge, signature: answer.signature });
}

async function certificate(form) {
  const answer = await ask("/certificate");
  if (answer.outcome !== "ok") return tell(answer);
  send(form, { certificate: answer.certificate });
}

for (const form of document.querySelectorAll("form")) {
  if (form.dataset.card === "nothing") continue;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      if (form.dataset.card === "proof") await proof(form, form.action.split("/").at(-2));
      else await certificate(form);
    } finally {
      button.disabled = false;
    }
  });
}

// Before the PIN is asked for, the card is looked at; what is wrong is said to the service, which has a page for it.
async function look() {
  const answer = await ask("/card");
  if (answer.outcome === "ok" || answer.outcome === "no_helper") return;
  if (answer.outcome === "locked") return leave(answer);
  const cause = document.querySelector(`#portal-read_error input[value="${CSS.escape(answer.outcome)}"]`);
  if (!cause) return tell(answer);
  cause.checked = true;
  cause.form.submit();
}

// Whoever has the helper has the software that a login with a reader needs.
async function find() {
  const answer = await ask("/card");
  if (answer.outcome === "no_helper") return;
  const note = document.querySelector("#helper span");
  if (note) note.textContent = words.helper_found;
  const box = document.querySelector('#portal-start input[value="portal-app"]');
  if (box) box.checked = true;
}

async function wait() {
  const response = await fetch(`${location.pathname}state`);
  const there = response.ok ? (await response.json()).page : null;
  if (there !== null && there !== heading.dataset.page) location.reload();
  else setTimeout(wait, 500);
}

const said = sessionStorage.getItem("said");
if (said) {
  sessionStorage.removeItem("said");
  tell(JSON.parse(said));
}
await find();
if ("cardFirst" in heading.dataset) await look();
if ("waits" in heading.dataset) wait();
heading.dataset.ready = "";
