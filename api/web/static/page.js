// What every page does beyond links and forms: keys, copying, selection. Without it nothing is lost.
(() => {
  "use strict";
  const find = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];

  // A choice that asks again at once, or with Enter if it is typed.
  all("[data-submit]").forEach((field) => {
    let typing = false;
    field.addEventListener("pointerdown", () => { typing = false; });
    field.addEventListener("keydown", (event) => {
      typing = event.key !== "Enter";
      if (typing) return;
      event.preventDefault();
      field.form.requestSubmit();
    });
    field.addEventListener("change", () => typing || field.form.requestSubmit());
  });

  // What writes is sent once, however often it is clicked; files that the server would refuse are not sent.
  all("[data-once]").forEach((form) => form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  }));
  addEventListener("pageshow", () => all("[data-once]").forEach((form) => { delete form.dataset.sent; }));
  all("[data-most]").forEach((form) => form.addEventListener("change", () => {
    const files = [...form.querySelectorAll("[type=file]")].flatMap((field) => [...field.files]);
    const size = Math.ceil(files.reduce((sum, file) => sum + file.size, 0) / 2 ** 20);
    const said = size > form.dataset.most ? `These are ${size} MiB together, and ${form.dataset.most} MiB are the most.` : "";
    form.querySelector("[type=file]").setCustomValidity(said);
  }));

  // Opening a small form puts the cursor into it; Escape or a click elsewhere closes it.
  all("[data-focus], [data-looking]").forEach((pop) =>
    pop.addEventListener("toggle", () => pop.open && pop.querySelector("input:not([type=hidden])").focus()));
  document.addEventListener("click", (event) =>
    all(".pop[open]").forEach((pop) => { if (!pop.contains(event.target)) pop.open = false; }));
  function closeAll() {
    all(".pop[open]").forEach((pop) => { pop.open = false; pop.querySelector("summary").focus(); });
    all(".found").forEach((found) => found.replaceChildren());
  }

  // Copying: into the clipboard where the browser lets us, else the text opens to be copied by hand.
  all("[data-copy] summary").forEach((summary) => summary.addEventListener("click", async (event) => {
    const pop = summary.parentElement;
    if (pop.open || !navigator.clipboard) return;
    event.preventDefault();
    const label = summary.querySelector("span");
    const before = label.textContent;
    try {
      await navigator.clipboard.writeText(pop.querySelector("pre").textContent);
      label.textContent = "Copied";
      say("Copied");
      setTimeout(() => { label.textContent = before; }, 2000);
    } catch {
      pop.open = true;
    }
  }));

  function say(text) {
    const live = find("#said");
    if (live) live.textContent = text;
  }

  // No answer at all: said in sight, until there is one.
  const notice = find("#notice");
  document.addEventListener("htmx:error", () => { notice.hidden = false; });
  document.addEventListener("htmx:after:request", () => { notice.hidden = true; });

  // The last things that were looked at: kept here, told on the front page.
  const looked = "cmdb-looked";
  function remembered() {
    try {
      const kept = JSON.parse(localStorage.getItem(looked));
      return Array.isArray(kept) ? kept : [];
    } catch {
      return [];  // a browser that keeps nothing for us
    }
  }
  const title = find("[data-looked]")?.dataset.looked;
  if (title) {
    const address = location.pathname + location.search;
    const last = [{ address, title }, ...remembered().filter((one) => one.title !== title)].slice(0, 5);
    try {
      localStorage.setItem(looked, JSON.stringify(last));
    } catch {
      // The same: nothing is kept, and the front page tells of nothing.
    }
  }
  const recent = find("[data-recent]");
  if (recent && remembered().length) {
    recent.querySelector("ul").replaceChildren(...remembered().map((one) => {
      const row = document.createElement("li"), link = document.createElement("a");
      link.href = new URL(one.address, location).pathname + new URL(one.address, location).search;
      link.textContent = one.title;
      row.append(link);
      return row;
    }));
    recent.hidden = false;
  }

  // Back to where one came from, if that was here.
  find("[data-back]")?.addEventListener("click", (event) => {
    if (!document.referrer.startsWith(location.origin) || history.length < 2) return;
    event.preventDefault();
    history.back();
  });

  // The whole row is the link.
  document.addEventListener("click", (event) => {
    if (event.target.closest("a, button, summary, input")) return;
    if (getSelection().toString()) return;
    event.target.closest(".rows tbody tr")?.querySelector("a").click();
  });

  // The selected item: its row is marked, links keep it, the drawing hears of it.
  let shown = find("#why");
  function selected() {
    const why = find("#why");
    if (!why || why === shown) return;
    const held = shown;
    shown = why;
    const key = why.dataset.key;
    all("[data-keep]").forEach((link) => {
      for (const name of ["href", "hx-get"]) {
        if (!link.hasAttribute(name)) continue;
        const address = new URL(link.getAttribute(name), location);
        address.searchParams.set("why", key);
        link.setAttribute(name, address.pathname + address.search);
      }
    });
    mark(key);
    say(why.querySelector("h2").textContent);
    if (document.activeElement === document.body && held && !held.isConnected) why.focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent("cmdb:selected"));
  }
  function mark(key) {
    all(".hit-rows tbody tr").forEach((row) => row.classList.toggle("selected", row.dataset.key === key));
    all("[data-selected]").forEach((place) => { place.textContent = shown.dataset.name; });
    all("[data-thick]").forEach((part) => { part.hidden = !shown.dataset.path.includes(" "); });
  }
  const answer = find(".answer");
  if (shown && answer) {
    new MutationObserver(() => {
      selected();
      if (shown.dataset.key) mark(shown.dataset.key);
    }).observe(answer, { childList: true });
  }

  // A fix that was done: what takes it back is at hand, if what was pressed is gone.
  all(".fixes").forEach((list) => new MutationObserver((changes) => {
    const row = changes.flatMap((change) => [...change.addedNodes]).find((node) => node.matches?.(".fix"));
    if (row && document.activeElement === document.body) row.querySelector("[value=undo], input:not([type=hidden]), button, a")?.focus();
  }).observe(list, { childList: true }));

  // Keys.
  const dialog = find("#keys");
  const single = dialog.querySelector("[data-single]");
  const kept = "cmdb-single-keys";
  try {
    single.checked = localStorage.getItem(kept) !== "off";
    single.addEventListener("change", () => localStorage.setItem(kept, single.checked ? "on" : "off"));
  } catch {
    // A browser that keeps nothing for us: the choice lasts as long as the page.
  }
  all("[data-keys]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => dialog.showModal());
  });
  function step(by) {
    const links = all(".rows tbody tr a");
    const row = document.activeElement.closest?.("tr");
    const here = links.findIndex((link) => link.closest("tr") === row);
    const next = here < 0 ? links.findIndex((link) => link.closest(".selected")) : here + by;
    links[Math.min(Math.max(next, 0), links.length - 1)]?.focus();
  }
  const seen = (selector) => all(selector).find((one) => one.checkVisibility());
  let waiting = false;
  function go() {
    waiting = true;
    setTimeout(() => { waiting = false; }, 1500);
  }
  const keys = {
    "/": () => (seen("[data-search]") ?? seen(".seek"))?.focus(),
    "g": go,
    "v": () => { const one = seen(".looking, .menu"); if (one) one.open = true; },
    "j": () => step(1),
    "k": () => step(-1),
    "w": () => { find("#why")?.focus(); find("#why")?.scrollIntoView({ block: "nearest" }); },
    "?": () => dialog.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeAll();
    if (event.ctrlKey || event.metaKey || event.altKey || !single.checked || dialog.open) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    const door = waiting && find(`[data-door="${CSS.escape(event.key)}"]`);
    if (door) {
      event.preventDefault();
      door.click();
      return;
    }
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
})();
