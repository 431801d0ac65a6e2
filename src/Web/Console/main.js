// Signing in, and which view is shown. Views stand in the URL's fragment, which never reaches the server.

/** Where development happens. */
const isThisMachine = () => ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);

const signInView = problem => {
  const key = h("input", { type: "password", required: true, autocomplete: "off", spellcheck: "false" });
  const trouble = h("div", {}, problem && errorBox(problem));
  const enter = h("button", { type: "submit", class: "primary" }, "Sign in");
  const form = h("form", { class: "card sign-in", onsubmit: async event => {
    event.preventDefault();
    enter.disabled = true;
    try {
      await signIn(key.value.trim());
    } catch (error) {
      trouble.replaceChildren(errorBox(error));
      enter.disabled = false;
      key.select();
    }
  } },
  h("h1", { tabindex: "-1" }, "Sign in"),
  field("API key", key, [
    h("span", {}, "The store's ", code("presign_api_key"), " (environment: ", code("PRESIGN_API_KEY"), "), or one of its ", code("api_keys"), ".",
      isThisMachine() && [" In development, ", code("run_dev.sh"), " names it."]),
    " ", h("span", {}, "It stays in this tab only, until you sign out or close it, and is sent to this server only."),
  ]), trouble, enter);
  return { title: "Sign in", node: form };
};

/** A key is right when the server does not call it wrong: one that may not list may still mint. */
const signIn = async key => {
  if (!isKey(key)) {
    throw new ApiError(0, { code: "invalid_api_key", message: "a key is made of visible ASCII characters" });
  }

  await request("GET", "/admin/buckets", { headers: { authorization: `Bearer ${key}` } }).catch(error => {
    if (error.code !== "key_not_allowed") {
      throw error;
    }
  });
  sessionStorage.setItem(KEY, key);
  restoreUploads();
  showView();
};

const endSession = problem => {
  leaveUploads();
  sessionStorage.removeItem(KEY);
  showView(problem);
};

/** The parts of a fragment. An empty one is the upload page's. */
const partsOf = hash => (hash.replace(/^#\/?|\/$/g, "") || "upload").split("/");

/** A bucket's name is lowered, as the server does. */
const viewOf = (hash, signal) => {
  const parts = partsOf(hash);
  const [page, bucket, id] = [parts[0], (parts[1] ?? "").toLowerCase(), parts[2]];
  const is = (name, depth) => page === name && parts.length === depth;
  return is("upload", 1) ? uploadView()
    : is("dashboard", 1) ? dashboardView(signal)
    : is("buckets", 1) ? bucketsView(signal)
    : is("buckets", 2) && isBucketName(bucket) ? bucketView(bucket, signal)
    : is("buckets", 3) && isBucketName(bucket) && isBlobId(id) ? blobView(bucket, id, signal)
    : noSuchView(page === "buckets" && isBucketName(bucket) ? bucket : null);
};

/** For a fragment that names nothing. From what stands under a bucket the way goes back to it. */
const noSuchView = bucket => ({
  title: "No such page",
  node: [
    h("h1", { tabindex: "-1" }, "There is no such page"),
    h("p", {}, "Go on to ", bucket
      ? h("a", { href: bucketRoute(bucket) }, "the bucket ", bdi(bucket))
      : h("a", { href: "#/buckets" }, "the buckets"), "."),
  ],
});

let leave = new AbortController();

/** Shows what the fragment names. The focus goes to its heading, so that it is read out and the keyboard begins there. */
const showView = problem => {
  leave.abort();
  leave = new AbortController();
  document.querySelectorAll("dialog").forEach(dialog => dialog.close());
  const signedIn = apiKey() !== null;
  const view = signedIn ? viewOf(location.hash, leave.signal) : signInView(problem);
  document.title = `${view.title} · Borderless console`;
  $("main").replaceChildren(...[view.node].flat());
  $("nav").hidden = $("#sign-out").hidden = !signedIn;
  document.querySelectorAll("nav[aria-label=Main] a").forEach(link => {
    link.hash === `#/${partsOf(location.hash)[0]}` ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  });
  $(signedIn ? "main h1" : "main input").focus();
};

const countActive = () => {
  const active = jobs.filter(isActive).length;
  const count = $("nav .count");
  count.hidden = active === 0;
  count.textContent = String(active);
  count.setAttribute("aria-label", `${active} on the way`);
};

/** A blob: URL, since the page may load no picture but from the store and its own. */
const addIcon = () => {
  const picture = $(".brand svg").cloneNode(true);
  picture.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  [["fill", "none"], ["stroke", "#4f63d2"], ["stroke-width", "2.4"]].forEach(([attribute, value]) => picture.setAttribute(attribute, value));
  document.head.append(h("link", { rel: "icon", href: URL.createObjectURL(new Blob([picture.outerHTML], { type: "image/svg+xml" })) }));
};

listeners.add(countActive);
addIcon();
window.addEventListener("hashchange", () => showView());
$("#sign-out").addEventListener("click", () => endSession());
$(".skip").addEventListener("click", event => {
  event.preventDefault();
  $("main").focus();
});
window.addEventListener("offline", () => jobs.some(isActive) && announce("The network is lost; uploads wait for it"));
window.addEventListener("online", () => jobs.some(isActive) && announce("The network is back; uploads go on"));
// A file that misses the drop zone must not be opened in the page's place.
["dragover", "drop"].forEach(type => window.addEventListener(type, event => event.preventDefault()));
if (apiKey() !== null) {
  restoreUploads();
}

showView();
