"use strict";
// What pages do with JavaScript: theme, keyboard, the list of keys. Reading needs none of it.
(() => {
  const root = document.documentElement;
  const remembered = (name, value) => {
    try {
      if (value === undefined) return localStorage.getItem(name);
      if (value === null) localStorage.removeItem(name);
      else localStorage.setItem(name, value);
    } catch { /* a browser may forbid it; then nothing is remembered */ }
    return value;
  };
  const themed = (name) => {
    if (name) root.dataset.theme = name;
    else delete root.dataset.theme;
  };
  themed(remembered("theme"));

  const dialog = document.getElementById("keys");
  const letters = () => remembered("letters") !== "off";
  const places = { i: "/", r: "/releases", p: "/practice", s: "/studies", l: "/ledger" };
  let after = "";

  const rows = () => [...document.querySelectorAll("[data-list] li, [data-list] tbody tr")];
  const step = (by) => {
    const all = rows();
    if (!all.length) return;
    const was = all.findIndex((row) => row.classList.contains("at"));
    const now = Math.min(Math.max(was + by, 0), all.length - 1);
    all.forEach((row) => row.classList.remove("at"));
    all[now].classList.add("at");
    const link = all[now].querySelector("a");
    if (link) link.focus();
    all[now].scrollIntoView({ block: "nearest" });
  };
  const acts = {
    "?": () => dialog.showModal(),
    "/": () => document.querySelector("[data-search]")?.focus(),
    j: () => step(1),
    k: () => step(-1),
    c: () => document.querySelector("#call input[type=radio]")?.focus(),
  };

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest?.("input, select, textarea, [contenteditable]");
    const typing = field && !(field.type === "radio" || field.type === "checkbox");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !letters() || dialog.open) return;
    if (after === "g" && places[event.key]) {
      after = "";
      location.assign(places[event.key]);
      return;
    }
    after = event.key === "g" ? "g" : "";
    const extra = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (extra) {
      event.preventDefault();
      extra.click();
    } else if (acts[event.key]) {
      event.preventDefault();
      acts[event.key]();
    }
  });

  document.addEventListener("click", (event) => {
    const doing = event.target.closest?.("[data-do]")?.dataset.do;
    if (doing === "keys") dialog.showModal();
    if (doing === "print") window.print();
    if (doing === "theme") {
      const next = { undefined: "dark", dark: "light", light: undefined }[root.dataset.theme];
      themed(next);
      remembered("theme", next ?? null);
    }
  });
  const box = document.querySelector("[data-do=letters]");
  if (box) {
    box.checked = letters();
    box.addEventListener("change", () => remembered("letters", box.checked ? null : "off"));
  }
  document.querySelector(".tools")?.removeAttribute("hidden");

  // [data-go] leads on by itself. [data-awake] asks only while somebody can see the page, and at
  // once when they come back. [data-stamp] is swapped only for another stamp: what has not changed
  // keeps its open details and its focus.
  const lead = () => {
    const next = document.querySelector("[data-go]");
    if (next) location.replace(next.dataset.go);
  };
  lead();
  document.addEventListener("htmx:afterSwap", lead);
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && event.detail.elt.matches("[data-awake]")) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const stamp = event.detail.target.dataset?.stamp;
    if (stamp && event.detail.serverResponse.includes(`data-stamp="${stamp}"`)) {
      event.detail.shouldSwap = false;
    }
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    for (const part of document.querySelectorAll("[data-awake]")) htmx.trigger(part, "awake");
  });

  // A clock counts down what the server said is left; the server locks, not the page.
  for (const clock of document.querySelectorAll("[data-seconds]")) {
    const ends = Date.now() + 1000 * Number(clock.dataset.seconds);
    const told = document.getElementById(clock.dataset.says ?? "");
    let last = 0;
    const tick = () => {
      const left = Math.max(0, Math.round((ends - Date.now()) / 1000));
      clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      for (const mark of [300, 60]) {
        if (told && left <= mark && last > mark) told.textContent = `${mark / 60} min left`;
      }
      last = left;
      if (left === 0) {
        clearInterval(timer);
        if (clock.dataset.then) location.assign(clock.dataset.then);
      }
    };
    const timer = setInterval(tick, 1000);
    tick();
  }

  // [data-draft] is sent to that address when its page is left, or nobody sees it any more; a form
  // that is on its way to the server brings its words along.
  const drafts = document.querySelectorAll("[data-draft]");
  const keep = () => {
    for (const field of drafts) {
      if (field.dataset.sent || field.value === field.defaultValue) continue;
      const { token } = field.form.elements;
      const said = new URLSearchParams({ token: token.value, text: field.value });
      navigator.sendBeacon(field.dataset.draft, said);
    }
  };
  for (const field of drafts) {
    field.form.addEventListener("submit", () => { field.dataset.sent = "yes"; });
  }
  window.addEventListener("pagehide", keep);
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep(); });

  // A number with [data-bar=ID] moves that bar; the numbers inside [data-sum=ID] are added up
  // there; [data-words=ID] counts words. [data-copy=ID] copies a text.
  const mirror = (field) => {
    const bar = document.getElementById(field.dataset.bar ?? "");
    if (bar) bar.value = Number(field.value) || 0;
    const count = document.getElementById(field.dataset.words ?? "");
    if (count) count.textContent = `${field.value.split(/\s+/).filter(Boolean).length} words`;
    const group = field.closest("[data-sum]");
    const sum = document.getElementById(group?.dataset.sum ?? "");
    if (!sum) return;
    const all = [...group.querySelectorAll("[data-bar]")];
    const whole = Math.round(10 * all.reduce((total, one) => total + (Number(one.value) || 0), 0)) / 10;
    const left = Math.round(10 * (100 - whole)) / 10;
    const rest = left > 0 ? `, ${left} left` : `, ${-left} too many`;
    const kept = all.every((one) => one.value) ? ", kept in proportion" : rest;
    sum.textContent = `${whole} %${Math.abs(left) > 0.5 ? kept : ""}`;
  };
  for (const field of document.querySelectorAll("[data-bar], [data-words]")) mirror(field);
  document.addEventListener("input", (event) => mirror(event.target));
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = "Copied";
    });
  }
})();
