// What on a page keeps people from using it: contrast, size, labels, structure, language, width (WCAG 2.2, AA).
() => {
  const told = [];
  const all = (what) => [...document.querySelectorAll(what)].filter((one) => one.offsetParent !== null);
  const rgb = (colour) => colour.match(/[\d.]+/g).map(Number);
  const linear = (n) => (n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4);
  const light = (colour) => {
    const [red, green, blue] = rgb(colour).slice(0, 3).map((n) => linear(n / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (one) => {
    if (one === null) return "rgb(255, 255, 255)";
    const own = getComputedStyle(one).backgroundColor;
    return rgb(own)[3] === 0 ? ground(one.parentElement) : own;
  };
  for (const one of all("h1, h2, p, li, a, button, output, label")) {
    const [dark, bright] = [light(getComputedStyle(one).color), light(ground(one))].sort((a, b) => a - b);
    if ((bright + 0.05) / (dark + 0.05) < 4.5) told.push("contrast");
  }
  for (const one of all("button, input")) if (one.offsetHeight < 44) told.push("small");
  for (const one of all("input")) if (one.labels.length === 0) told.push("no label");
  if (all("h1").length !== 1 || all("main").length !== 1 || !document.querySelector("[role=status]")) told.push("structure");
  if (document.documentElement.lang !== "nb" || document.title === "") told.push("language or title");
  if (document.documentElement.scrollWidth > window.innerWidth) told.push("too wide");
  return [...new Set(told)];
}
