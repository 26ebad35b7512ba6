// The drawing: boxes and arrows of the answer, left to right the way harm flows. The table says the same.
(() => {
  "use strict";
  const canvas = document.getElementById("canvas");
  if (!canvas) return;
  const NARROW = 143, BROAD = 240, HEIGHT = 46, BESIDE = 21, ABOVE = 12, LEAST = 0.75, LETTERS = 11;
  let drawn, data, glyphs, dressed, breadth = NARROW;

  const BLANK = "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg'/>";

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const escaped = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

  function load(address) {
    return new Promise((done, failed) => {
      const script = document.createElement("script");
      Object.assign(script, { src: address, onload: done, onerror: failed });
      document.head.append(script);
    });
  }

  // Cytoscape adds a style element, which the page's policy refuses, unless it finds one of this name. What
  // it would say stands in our own style sheet.
  document.querySelector("link[rel=stylesheet]").id = "__________cytoscape_stylesheet";

  async function start() {
    const scripts = canvas.dataset.scripts.split(" ");
    const wanted = [fetch(canvas.dataset.source), fetch(canvas.dataset.icons)];
    await load(scripts[0]);
    await load(scripts[1]);
    const [answer, icons] = await Promise.all(wanted);
    data = await answer.json();
    const sprite = new DOMParser().parseFromString(await icons.text(), "image/svg+xml");
    glyphs = Object.fromEntries([...sprite.querySelectorAll("symbol")].map((one) => [one.id, one.innerHTML]));
    draw();
  }

  // ---------------------------------------------------------------- faces

  const pen = document.createElement("canvas").getContext("2d");
  const family = () => getComputedStyle(document.body).fontFamily;
  const letters = (text) => [...new Intl.Segmenter().segment(text)].map((one) => one.segment);
  function fits(text, size, weight, width) {
    pen.font = `${weight} ${size}px ${family()}`;
    return pen.measureText(text).width <= width;
  }
  // The longest shortened text that fits, by halving how many letters are kept.
  function longest(text, fitting, shorten) {
    const all = letters(text);
    let least = 0, most = all.length;
    while (least < most) {
      const kept = Math.ceil((least + most) / 2);
      if (fitting(shorten(all, kept))) least = kept;
      else most = kept - 1;
    }
    return shorten(all, least);
  }
  const middleCut = (all, kept) =>
    `${all.slice(0, Math.ceil(kept / 2)).join("").trimEnd()}…${kept > 1 ? all.slice(-Math.floor(kept / 2)).join("").trimStart() : ""}`;
  const endCut = (all, kept) => `${all.slice(0, kept).join("").trimEnd()}…`;

  // A name that is too long loses what stands behind its comma, if that is not all that tells it from another.
  function named(box, size, width) {
    const fitting = (text) => fits(text, size, 600, width);
    if (fitting(box.label)) return box.label;
    if (box.kind === "fold" || box.kind === "members") return longest(box.label, fitting, endCut);
    const head = box.label.split(", ")[0];
    const alone = data.boxes.every((one) => one.id === box.id || one.label.split(", ")[0] !== head);
    if (head !== box.label && alone && fitting(`${head}…`)) return `${head}…`;
    return longest(box.label, fitting, middleCut);
  }

  function colours(box) {
    const state = box.state, filled = (box.kind === "service" || box.kind === "group") && state !== "ok";
    const card = token("card"), mark = token(`${state}-mark`);
    const fill = filled ? token(`${state}-fill`) : card, text = filled ? token(`${state}-text`) : token("ink");
    return { fill, text, edge: mark, second: filled ? text : token("ink-2"), card,
      glyph: filled && state === "out" ? text : mark, inside: fill };
  }

  // The second line in fewer words where there is little room.
  const FEWER = [[/^you set it /, "set "], [/ left, needs /, ", needs "], [/^(no service) behind$/, "$1"], [/^runs (on )/, "$1"],
    [/, unclassified/, ", T2?"], [/, tier /, ", T"], [/ items?$/, ""]];
  function told(box, size, width) {
    const fitting = (text) => fits(text, size, 400, width);
    let text = box.second;
    for (const [long, short] of FEWER) if (!fitting(text)) text = text.replace(long, short);
    return fitting(text) ? text : longest(text, fitting, endCut);
  }

  // Words are drawn larger the smaller the drawing is shown, so that they can be read.
  function face(box, zoom) {
    const paint = colours(box), fold = box.kind === "fold" || box.kind === "members";
    const border = box.cause ? 3 : 1.6, sheet = fold ? 4 : 0, inset = border / 2;
    const radius = box.kind === "group" ? 14 : 5;
    const dash = box.state === "at_risk" ? ' stroke-dasharray="4 3"' : "";
    const line = `stroke="${paint.edge}" stroke-width="${border}"${dash}`;
    const rect = (shift, fill) => `<rect x="${inset + shift}" y="${inset + shift}" width="${breadth - sheet - border}"` +
      ` height="${HEIGHT - sheet - border}" rx="${radius}" fill="${fill}" ${line}/>`;
    const glyph = glyphs[box.state].replaceAll("currentColor", paint.glyph).replaceAll("var(--in)", paint.inside);
    const least = LETTERS / zoom, room = breadth - 30 - sheet - border;
    const large = Math.max(12, least), size = fits(box.label, large, 600, room) ? large : Math.max(11, least);
    const second = Math.max(11, least), middle = (HEIGHT - sheet) / 2;
    const put = (text, y, size, weight, colour) =>
      `<text x="26" y="${y}" font-size="${size}" font-weight="${weight}" font-family="${escaped(family())}" fill="${colour}">${escaped(text)}</text>`;
    return `data:image/svg+xml;utf8,${encodeURIComponent(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${breadth}" height="${HEIGHT}" viewBox="0 0 ${breadth} ${HEIGHT}">` +
      (fold ? rect(sheet, paint.card) : "") + rect(0, paint.fill) +
      `<g transform="translate(7 ${middle - 8})">${glyph}</g>` +
      put(named(box, size, room), middle - 3, size, 600, paint.text) +
      put(told(box, second, room), middle + second + 1, second, 400, paint.second) + "</svg>")}`;
  }

  // ---------------------------------------------------------------- drawing

  function elements() {
    const boxes = data.boxes.map((box) => ({ data: { ...box, face: BLANK } }));
    const column = Object.fromEntries(data.boxes.map((box) => [box.id, box.column]));
    const arrows = data.arrows.map((arrow) => ({
      data: { ...arrow, colour: arrow.state === "ok" ? token("edge") : token(`${arrow.state}-mark`) },
      classes: `${arrow.transfer}${column[arrow.target] > column[arrow.source] ? "" : " back"}`,
    }));
    return [...boxes, ...arrows];
  }

  function style() {
    return [
      { selector: "node", style: {
        width: breadth, height: HEIGHT, shape: "round-rectangle", "background-opacity": 0, "border-width": 0,
        "background-image": "data(face)", "background-width": "100%", "background-height": "100%",
        "outline-width": 0, "overlay-opacity": 0 } },
      { selector: "node.chosen, node.entered", style: {
        "outline-width": 2.5, "outline-color": token("accent"), "outline-offset": 2.5, "outline-opacity": 1 } },
      { selector: "node.entered", style: { "outline-style": "dashed" } },
      { selector: "edge", style: {
        width: 1.5, "line-color": "data(colour)", "target-arrow-color": "data(colour)", "target-arrow-shape": "triangle",
        "arrow-scale": 0.8, "curve-style": "round-taxi", "taxi-direction": "rightward", "taxi-turn": "9px",
        "taxi-turn-min-distance": 5, "taxi-radius": 5, "overlay-opacity": 0 } },
      { selector: "edge.back", style: { "curve-style": "unbundled-bezier", "control-point-distances": 40, "control-point-weights": 0.5, width: 1, opacity: 0.4 } },
      { selector: "edge.softened", style: { "line-style": "dashed", "line-dash-pattern": [6, 4] } },
      { selector: "edge.counted", style: { "line-style": "dashed", "line-dash-pattern": [2, 2.5] } },
      { selector: "edge.fatal", style: { "target-arrow-shape": "triangle-tee" } },
      { selector: "edge.path", style: { width: 3.2, "z-index": 2 } },
    ];
  }

  // The server says which column each box stands in; arrows that lead back do not move it.
  function arrange() {
    drawn.elements().not(".back").layout({
      name: "dagre", rankDir: "LR", nodeSep: ABOVE, rankSep: BESIDE, fit: false,
      minLen: (arrow) => arrow.target().data("column") - arrow.source().data("column"),
    }).run();
  }

  // Boxes as broad as there is room for at the size the drawing is shown in, so that names need not be cut.
  function broaden() {
    const columns = Math.max(...data.boxes.map((box) => box.column)) + 1;
    const zoom = Math.min(Math.max((canvas.clientHeight - 20) / drawn.nodes().boundingBox().h, LEAST), 1);
    const room = (canvas.clientWidth - 20) / zoom / columns - 1.5 * BESIDE;
    breadth = Math.round(Math.min(Math.max(room, NARROW), BROAD));
    drawn.nodes().style("width", breadth);
  }

  function draw() {
    drawn?.destroy();
    breadth = NARROW;
    drawn = cytoscape({
      container: canvas, elements: elements(), style: style(), autoungrabify: true, boxSelectionEnabled: false,
      layout: { name: "null" },
    });
    arrange();
    broaden();
    arrange();
    dressed = undefined;
    drawn.on("tap", "node", (event) => select(event.target));
    drawn.on("mouseover", "node", () => canvas.classList.add("over"));
    drawn.on("mouseout", "node", () => canvas.classList.remove("over"));
    mark();
    show();
  }

  function show(least = LEAST) {
    const bounds = drawn.elements().boundingBox(), margin = 10;
    const scale = Math.min((canvas.clientWidth - 2 * margin) / bounds.w, (canvas.clientHeight - 2 * margin) / bounds.h, 1);
    const zoom = Math.max(scale, least), wide = bounds.w * zoom, high = bounds.h * zoom;
    // What does not fit starts at the left, where the causes are, and shows the selected item or a cause.
    const middle = [".chosen", "[?cause]"].map((one) => drawn.nodes(one).first()).find((one) => one.nonempty());
    const kept = middle ? (canvas.clientHeight / 2 - (middle.position("y") - bounds.y1) * zoom) : margin;
    const lowest = canvas.clientHeight - margin - high;
    const across = wide > canvas.clientWidth - 2 * margin ? margin : (canvas.clientWidth - wide) / 2;
    const down = high > canvas.clientHeight - 2 * margin ? Math.min(margin, Math.max(kept, lowest)) : (canvas.clientHeight - high) / 2;
    document.querySelector("[data-wide]").hidden = zoom <= scale;
    drawn.viewport({ zoom, pan: { x: across - bounds.x1 * zoom, y: down - bounds.y1 * zoom } });
    dress();
  }

  // The faces, once more where another size makes their words larger or smaller.
  function dress() {
    const zoom = Math.min(Math.max(drawn.zoom(), LEAST), 1);
    if (zoom === dressed) return;
    dressed = zoom;
    drawn.batch(() => drawn.nodes().forEach((node) => node.data("face", face(node.data(), zoom))));
  }

  // ---------------------------------------------------------------- selection

  const boxOf = (key) => drawn.nodes().filter((node) => node.data("keys").includes(key)).first();

  function mark() {
    const why = document.getElementById("why"), path = (why?.dataset.path ?? "").split(" ").filter(Boolean);
    drawn.elements().removeClass("path chosen");
    if (why?.dataset.key) boxOf(why.dataset.key).addClass("chosen");
    for (let at = 0; at + 1 < path.length; at += 2) {
      boxOf(path[at + 1]).edgesTo(boxOf(path[at])).addClass("path");
    }
  }

  function select(node) {
    const address = new URL(location);
    address.searchParams.set("why", node.data("keys")[0]);
    const page = address.pathname + address.search;
    htmx.ajax("GET", `/impact/why${address.search}`, { target: "#why", swap: "outerHTML", push: page });
  }

  // ---------------------------------------------------------------- walking by keyboard

  let entered;
  function enter(node) {
    entered?.removeClass("entered");
    entered = node?.nonempty() ? node : entered;
    entered?.addClass("entered");
    if (entered) document.getElementById("said").textContent = `${entered.data("label")}, ${entered.data("second")}`;
  }
  function beside(by) {
    const column = drawn.nodes().filter((one) => Math.abs(one.position("x") - entered.position("x")) < breadth / 2)
      .sort((one, other) => one.position("y") - other.position("y"));
    return column.eq(column.toArray().indexOf(entered) + by);
  }
  const walks = {
    Enter: () => select(entered),
    ArrowRight: () => enter(entered.outgoers("node").first()),
    ArrowLeft: () => enter(entered.incomers("node").first()),
    ArrowDown: () => enter(beside(1)),
    ArrowUp: () => enter(beside(-1)),
    Escape: () => { entered.removeClass("entered"); entered = undefined; },
  };
  canvas.addEventListener("keydown", (event) => {
    if (!drawn || !(event.key in walks)) return;
    if (!entered && event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    if (entered) walks[event.key]();
    else enter(drawn.nodes(".chosen").nonempty() ? drawn.nodes(".chosen") : drawn.nodes().first());
  });
  canvas.addEventListener("blur", () => entered && walks.Escape());

  // ---------------------------------------------------------------- around it

  // The wheel scrolls the page; pinching (which comes as a wheel with Ctrl) zooms.
  canvas.addEventListener("wheel", (event) => event.ctrlKey || event.stopImmediatePropagation(), { capture: true });
  document.querySelectorAll("[data-zoom]").forEach((button) => button.addEventListener("click", () => {
    if (!drawn) return;
    if (button.dataset.zoom === "fit") return show(0.3);
    const level = drawn.zoom() * (button.dataset.zoom === "in" ? 1.25 : 0.8);
    drawn.zoom({ level, renderedPosition: { x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 } });
    dress();
  }));
  document.addEventListener("cmdb:selected", () => drawn && mark());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => data && draw());
  new ResizeObserver(() => { if (drawn) { drawn.resize(); show(); } }).observe(canvas);

  const desk = matchMedia("(min-width: 768px)");
  const begin = () => {
    if (desk.matches && !data) start().catch(() => { canvas.textContent = "The drawing cannot be loaded. The table says the same."; });
  };
  desk.addEventListener("change", begin);
  begin();
})();
