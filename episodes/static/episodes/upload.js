// Uploads a zip in verified chunks and goes on where a cut-off upload stopped.

const form = document.getElementById("upload-form");
const file = document.getElementById("upload-file");
const name = document.getElementById("upload-name");
const bar = document.getElementById("upload-bar");
const text = document.getElementById("upload-text");
const trouble = document.getElementById("upload-error");
const button = form.querySelector("button");
const chunkBytes = Number(form.dataset.chunk);
const ATTEMPTS = 5;

class Refused extends Error {}

const csrf = () => form.querySelector("[name=csrfmiddlewaretoken]").value;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const memory = (chosen) => `touchline-upload ${chosen.name} ${chosen.size} ${chosen.lastModified}`;

async function ask(url, options = {}) {
  const headers = { "X-CSRFToken": csrf(), Accept: "application/json", ...options.headers };
  const response = await fetch(url, { ...options, headers });
  const answer = await response.json().catch(() => ({}));
  return { status: response.status, ok: response.ok, answer };
}

function refuse(answer) {
  throw new Refused([answer.detail, answer.remedy].filter(Boolean).join(" ") || "The server refused.");
}

// Only pages on https or localhost may hash; elsewhere TCP's own checks have to do.
async function digestOf(bytes) {
  if (!globalThis.crypto?.subtle) return {};
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return { "Content-Digest": `sha-256=:${btoa(String.fromCharCode(...hash))}:` };
}

async function begin(chosen) {
  const known = localStorage.getItem(memory(chosen));
  if (known) {
    const { ok, answer } = await ask(known);
    if (ok && answer.state === "receiving") return answer;
  }
  const { ok, answer } = await ask(form.dataset.url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ filename: chosen.name, size: chosen.size, dataset_name: name.value }),
  });
  if (!ok) refuse(answer);
  localStorage.setItem(memory(chosen), answer.url);
  return answer;
}

async function sendChunk(upload, chosen, start) {
  const end = Math.min(start + chunkBytes, chosen.size);
  const bytes = await chosen.slice(start, end).arrayBuffer();
  const headers = {
    "Content-Type": "application/octet-stream",
    "Content-Range": `bytes ${start}-${end - 1}/${chosen.size}`,
    ...(await digestOf(bytes)),
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { ok, status, answer } = await ask(upload.url, { method: "PUT", headers, body: bytes });
      if (ok) return answer.received;
      if (answer.code === "upload_out_of_step" && answer.received > start) return answer.received;
      if (status < 500 && answer.code !== "upload_damaged") refuse(answer);
    } catch (error) {
      if (error instanceof Refused) throw error;
    }
    if (attempt === ATTEMPTS) {
      throw new Refused("The connection is lost. Choose the same file again to go on.");
    }
    text.textContent = `No answer; trying again (${attempt} of ${ATTEMPTS - 1})`;
    await sleep(1000 * 2 ** attempt);
  }
}

function show(received, size) {
  bar.value = received / size;
  const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
  text.textContent = `${megabytes(received)} of ${megabytes(size)} MB stored`;
}

async function run(chosen) {
  const upload = await begin(chosen);
  let received = upload.received;
  show(received, chosen.size);
  while (received < chosen.size) {
    received = await sendChunk(upload, chosen, received);
    show(received, chosen.size);
  }
  const { ok, answer } = await ask(`${upload.url}/complete`, { method: "POST" });
  if (!ok) refuse(answer);
  localStorage.removeItem(memory(chosen));
  location.assign(answer.page_url);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  trouble.hidden = true;
  document.getElementById("upload-progress").hidden = false;
  button.disabled = true;
  try {
    await run(file.files[0]);
  } catch (error) {
    trouble.textContent =
      error instanceof Refused ? error.message : "The upload stopped. Choose the same file again.";
    trouble.hidden = false;
  } finally {
    button.disabled = false;
  }
});
