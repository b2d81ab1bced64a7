/**
 * What the part behind the number sign of the page's address means.
 *
 * There, and not in a path, so that the guard serves one page and no address of it can be asked for
 * by anything but this page. Whatever is not understood is the first page.
 */

/** In the order of the navigation, with what they are called there. */
export const PAGE_NAMES = {
  now: "Now",
  campaigns: "Campaigns",
  bans: "Bans",
  sources: "Sources",
  ports: "Ports",
  health: "Health",
} as const;

export type PageName = keyof typeof PAGE_NAMES;

export const PAGES = Object.keys(PAGE_NAMES) as readonly PageName[];

export type Route =
  | { readonly page: PageName; readonly query: Readonly<Record<string, string>> }
  /** The story of one source. */
  | { readonly page: "source"; readonly address: string };

/** Longest address that the API takes, in characters. */
const LONGEST_ADDRESS = 100;

/** @param hash as `location.hash` has it: "#/bans?view=trusted". */
export function parseRoute(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [head = "", ...rest] = path.split("/");
  if (head === "source") {
    const address = decode(rest.join("/")).slice(0, LONGEST_ADDRESS);
    if (address !== "") return { page: "source", address };
  }
  const page = PAGES.find((name) => name === head) ?? "now";
  return { page, query: Object.fromEntries(new URLSearchParams(search)) };
}

/** Whether it names something; an empty one is the first page, and right. */
export function isKnown(hash: string): boolean {
  const [path = ""] = hash.replace(/^#\/?/, "").split("?", 1);
  const { page } = parseRoute(hash);
  return path === "" || page !== "now" || path.split("/", 1)[0] === page;
}

/** The link to a source's story. */
export function sourceLink(address: string): string {
  return `#/source/${encodeURIComponent(address)}`;
}

/** The link to a page; what is empty is left out. */
export function pageLink(page: PageName, query: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ""));
  return search.size === 0 ? `#/${page}` : `#/${page}?${search}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Half of an escape; nobody has an address of that.
    return "";
  }
}
