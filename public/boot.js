// Starts the app: looks whether this browser can run it, loads the wasm, then registers the service worker.
// Owns the words shown when the app cannot start (they must work without the app). Refuses everything else.
const tag = document.querySelector("script[data-js]");
// The offer to install comes once and early; the app asks for it when the person wants it.
window.addEventListener("beforeinstallprompt", (event) => { event.preventDefault(); window.gsInstall = event; });
const words = {
  zh: {
    old: "这个浏览器打不开绿盾", broken: "绿盾没能打开", lacks: "这个浏览器缺：", use: "请用新版的 Chrome、Edge、Safari 或华为浏览器打开同一个网址。",
    wechat: "现在在微信里。点右上角“…”，再点“在浏览器打开”。", retry: "有信号时再试一次。要是还不行，告诉发邀请的人。",
    safe: "以前存在这台手机上的记录没有动，都在。请不要清除浏览器数据。", again: "再试一次",
  },
  en: {
    old: "This browser cannot run Greenshield", broken: "Greenshield could not start", lacks: "This browser lacks:", use: "Please open the same address in a current Chrome, Edge, Safari or Huawei Browser.",
    wechat: "You are inside WeChat. Tap “…” at the top right, then “Open in browser”.", retry: "Try again when there is a signal. If it still fails, tell the person who invited you.",
    safe: "Records saved on this phone are untouched and still here. Please do not clear the browser's data.", again: "Try again",
  },
};
const needs = {
  "WebAssembly": () => typeof WebAssembly === "object", "IndexedDB": () => !!window.indexedDB,
  "HTTPS / crypto.subtle": () => window.isSecureContext && !!crypto.subtle, "Service Worker": () => "serviceWorker" in navigator,
};
function element(name, className, text, ...children) {
  const made = Object.assign(document.createElement(name), { className, textContent: text });
  made.append(...children);
  return made;
}
function explain(lacking, error) {
  const part = (lang) => {
    const w = words[lang], item = (text) => element("li", "", text);
    const todo = lacking.length ? [item(`${w.lacks} ${lacking.join(", ")}`), item(w.use)] : [item(w.retry)];
    if (/MicroMessenger/i.test(navigator.userAgent)) todo.unshift(item(w.wechat));
    const box = element("section", "boot-part card", "", element("h1", "", lacking.length ? w.old : w.broken), element("ul", "boot-list", "", ...todo), element("p", "strong", w.safe));
    box.lang = lang === "zh" ? "zh-CN" : "en";
    return box;
  };
  const again = element("button", "btn btn--primary", `${words.zh.again} · ${words.en.again}`);
  again.addEventListener("click", () => location.reload());
  document.body.textContent = "";
  document.body.append(element("main", "boot", "", part("zh"), part("en"), again, element("p", "muted mono", error ? String(error).slice(0, 300) : "")));
}
// The map is large: it is fetched when the first page wants it. The app finds this by its name.
window.loadMap = () => import(`${tag.dataset.map}map.js`);
async function watchUpdates() {
  const worker = await navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" });
  const tell = () => { if (worker.waiting && navigator.serviceWorker.controller) window.dispatchEvent(new CustomEvent("gs-update-ready")); };
  worker.addEventListener("updatefound", () => worker.installing?.addEventListener("statechange", tell));
  // A page that was on its way when its worker became active belongs to none: without this it would be the network's until its next start.
  navigator.serviceWorker.ready.then((now) => { if (!navigator.serviceWorker.controller && !now.waiting && !now.installing) now.active.postMessage({ type: "CLAIM" }); });
  let asked = Date.now();
  document.addEventListener("visibilitychange", () => { if (!document.hidden && Date.now() - asked > 3600e3) { asked = Date.now(); worker.update().catch(() => {}); } });
  tell();
}
window.addEventListener("gs-cannot-start", (event) => explain([], event.detail)); // by the app, when it has no words
const lacking = Object.keys(needs).filter((name) => { try { return !needs[name](); } catch { return true; } });
if (lacking.length) explain(lacking);
else import(tag.dataset.js).then((app) => app.default({ module_or_path: tag.dataset.wasm })).then(
  () => { watchUpdates().catch((error) => console.warn("service worker:", error)); },
  (error) => { console.error(error); explain(error instanceof WebAssembly.CompileError ? ["WebAssembly 2021"] : [], error); },
);
