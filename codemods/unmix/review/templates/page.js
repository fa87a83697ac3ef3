"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("scripted");
  const find = (id) => document.getElementById(id);

  // What is remembered stays in this browser; where it may not remember, the page works without.
  const prefix = "unmix:" + document.body.dataset.page + ":";
  const recall = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const remember = (key, value) => {
    try { if (value) localStorage.setItem(key, value); else localStorage.removeItem(key); } catch { /* not here */ }
  };

  const theme = find("theme");
  const paint = () => { if (theme.value) root.dataset.theme = theme.value; else delete root.dataset.theme; };
  theme.value = recall("unmix:theme") || "";
  paint();
  theme.addEventListener("change", () => { remember("unmix:theme", theme.value); paint(); });

  // A node of a picture that is pointed at, or has the focus, shows what it needs and what needs it.
  for (const picture of document.querySelectorAll("svg.picture")) {
    const nodes = new Map();
    for (const node of picture.querySelectorAll(".node")) nodes.set(node.dataset.key, node);
    const edges = [...picture.querySelectorAll(".edge")];
    const clear = () => {
      picture.classList.remove("chosen");
      for (const on of picture.querySelectorAll(".on")) on.classList.remove("on");
    };
    const choose = (key) => {
      clear();
      picture.classList.add("chosen");
      nodes.get(key).classList.add("on");
      for (const edge of edges) {
        const { start, end } = edge.dataset;
        if (start !== key && end !== key) continue;
        edge.classList.add("on");
        nodes.get(start === key ? end : start).classList.add("on");
      }
    };
    for (const [key, node] of nodes) {
      node.addEventListener("mouseenter", () => choose(key));
      node.addEventListener("focus", () => choose(key));
      node.addEventListener("mouseleave", clear);
      node.addEventListener("blur", clear);
    }
  }

  const form = find("filters");
  if (!form) return;

  const rows = new Map();
  for (const row of document.querySelectorAll(".index li")) rows.set(row.dataset.for, row);
  const files = [...document.querySelectorAll("article.file")].map((element) => ({
    element,
    row: rows.get(element.id),
    tick: element.querySelector(".viewed"),
    fold: element.querySelector(".fold"),
    body: element.querySelector(".body"),
    path: element.dataset.path.toLowerCase(),
    role: element.dataset.role,
    kinds: element.dataset.kinds.split("|"),
    codes: element.dataset.codes ? element.dataset.codes.split("|") : [],
    key: prefix + element.dataset.digest,
    shown: true,
  }));
  let here = -1;

  const open = (file, yes) => {
    file.body.hidden = !yes;
    file.fold.setAttribute("aria-expanded", String(yes));
    file.fold.textContent = yes ? "Fold" : "Open";
  };
  const tell = () => {
    const seen = files.filter((file) => file.tick.checked).length;
    find("progress").value = seen;
    find("seen").textContent = seen + " of " + files.length + " viewed";
  };
  const mark = (file, yes) => {
    file.tick.checked = yes;
    file.row.classList.toggle("seen", yes);
    open(file, !yes);
  };
  const filter = () => {
    const kind = find("kind").value, role = find("role").value, code = find("code").value;
    const path = find("path").value.trim().toLowerCase(), unseen = find("unseen").checked;
    let count = 0;
    for (const file of files) {
      const shown = (!kind || file.kinds.includes(kind)) && (!role || file.role === role) &&
        (!code || (code === "any" ? file.codes.length > 0 : file.codes.includes(code))) &&
        (!path || file.path.includes(path)) && !(unseen && file.tick.checked);
      if (shown !== file.shown) {
        file.shown = shown;
        file.element.hidden = !shown;
        file.row.hidden = !shown;
      }
      if (shown) count += 1;
    }
    find("count").textContent = count === files.length ? "all " + count + " files" : count + " of " + files.length + " files";
  };

  for (const file of files) if (recall(file.key)) mark(file, true);
  tell();
  filter();

  const parent = files[0].element.parentElement;
  parent.addEventListener("change", (event) => {
    const file = files.find((each) => each.tick === event.target);
    if (!file) return;
    mark(file, file.tick.checked);
    remember(file.key, file.tick.checked ? "1" : "");
    tell();
    if (find("unseen").checked) filter();
  });
  parent.addEventListener("click", (event) => {
    const file = files.find((each) => each.fold === event.target);
    if (file) open(file, file.body.hidden);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", filter);

  const go = (index) => {
    if (index < 0 || index >= files.length) return;
    if (here >= 0) { files[here].element.classList.remove("here"); files[here].row.classList.remove("here"); }
    here = index;
    const file = files[here];
    file.element.classList.add("here");
    file.row.classList.add("here");
    file.element.focus({ preventScroll: true });
    // What lies between has only a guess at its height until it is drawn, so look again once it is.
    file.element.scrollIntoView({ block: "start" });
    requestAnimationFrame(() => file.element.scrollIntoView({ block: "start" }));
    file.row.scrollIntoView({ block: "nearest" });
  };
  const step = (way, wanted) => {
    for (let index = here + way; index >= 0 && index < files.length; index += way) {
      if (files[index].shown && wanted(files[index])) return go(index);
    }
    return undefined;
  };
  const any = () => true;
  const keys = find("keys");
  find("help").addEventListener("click", () => keys.showModal());
  find("close").addEventListener("click", () => keys.close());
  const moves = {
    j: () => step(1, any),
    k: () => step(-1, any),
    n: () => step(1, (file) => !file.tick.checked),
    f: () => step(1, (file) => file.codes.length > 0),
    v: () => {
      if (here < 0) return;
      files[here].tick.click();
      if (files[here].tick.checked) step(1, (file) => !file.tick.checked);
    },
    o: () => { if (here >= 0) open(files[here], files[here].body.hidden); },
    "/": () => find("path").focus(),
    "?": () => keys.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox") {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  });
  // A link to a line or a file leads nowhere while that is folded or filtered away.
  const reveal = () => {
    const element = location.hash.length > 1 && find(decodeURIComponent(location.hash.slice(1)));
    const article = element && element.closest("article.file");
    if (!article) return;
    const index = files.findIndex((each) => each.element === article);
    const file = files[index];
    if (!file.shown) { form.reset(); filter(); }
    open(file, true);
    if (element === article) go(index); else element.scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
