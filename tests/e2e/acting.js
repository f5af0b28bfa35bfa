// What on this page could act although it is not ours: scripts, frames, handlers, acting addresses, refused loads.
() => {
  const ACTING_TAGS = ["iframe", "object", "embed", "base", "animate", "foreignobject"];
  const ADDRESSES = ["href", "src", "action", "formaction", "xlink:href", "srcset", "poster"];
  const found = [...(window.refused || [])];
  const isOurs = (script) => {
    if (script.getAttribute("type") === "application/json") return true;
    const { host, pathname } = new URL(script.src || "x:", location);
    return host === location.host && (pathname.startsWith("/static/") || pathname === "/admin/jsi18n/");
  };
  for (const node of document.querySelectorAll("*")) {
    const name = node.localName;
    if (name === "script" && !isOurs(node)) found.push(node.outerHTML.slice(0, 120));
    if (ACTING_TAGS.includes(name)) found.push(name);
    if (name === "meta" && node.httpEquiv) found.push(`meta ${node.httpEquiv}`);
    for (const { name: key, value } of node.attributes) {
      if (key.startsWith("on")) found.push(`${name} ${key}`);
      if (ADDRESSES.includes(key) && /^\s*(javascript|data|vbscript):/i.test(value)) found.push(`${name} ${key}=${value.slice(0, 60)}`);
      if (/^(x-|@|:|hx-)/.test(key) && /alert\('x'\)|evil\.example/.test(value)) found.push(`${name} ${key}`);
    }
  }
  return found;
}
