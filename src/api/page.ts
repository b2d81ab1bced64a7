/**
 * The dashboard's built files, as the API hands them out on TCP.
 *
 * They hold no secret, so that a browser gets them before it has shown the token; what they then
 * ask for needs it. They are read once, when the program is loaded: afterwards the process may read
 * nothing of its own any more, and no request makes it touch a file. Names below /assets/ have a
 * hash of their content in them, so that a browser may keep them.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { isSystemError } from "../errors.ts";

/** Larger than any build of ours, in bytes; what is beyond is no page of ours. */
const MAX_PAGE_BYTES = 4 * 1_048_576;

const MAX_FILES = 64;

/** A page that is not built is told how to come by it, in plain text. */
const NOT_BUILT =
  "The dashboard is not built, or not whole. `npm run dashboard` builds it; the guard has it after\n" +
  "its next start. The API answers all the same: docs/API.md.\n";

const MEDIA: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".woff2": "font/woff2",
  ".svg": "image/svg+xml",
};

/**
 * The page runs its own scripts, wears its own styles, and asks where it came from; nothing else,
 * and nobody shows it in a frame.
 */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export interface PageFile {
  readonly status: 200 | 404;
  readonly content: Uint8Array<ArrayBuffer>;
  /** Of the reply, in the place of the API's own. */
  readonly headers: Readonly<Record<string, string>>;
}

/** By the path of its URL; "/" is there always. */
export type Page = ReadonlyMap<string, PageFile>;

/**
 * All of it or nothing: half a page would be a blank one. Never throws, because a folder that is half
 * built, or that the guard may not read, is no reason not to guard.
 * @param directory with index.html and assets/; it need not be there.
 */
export function readPage(directory: string): Page {
  try {
    return readWhole(directory);
  } catch (error) {
    if (!isSystemError(error) && !(error instanceof UnfitPage)) throw error;
    // Without its path: whoever reads this has shown no token.
    return unbuilt(isSystemError(error) ? (error.code ?? "it cannot be read") : error.message);
  }
}

/** A page that could be read, and is none of ours. */
class UnfitPage extends Error {}

function readWhole(directory: string): Page {
  const page = new Map<string, PageFile>();
  let bytes = 0;
  for (const path of listPage(directory)) {
    // Of the sources; for whoever builds it.
    if (path.endsWith(".map")) continue;
    const media = MEDIA[extname(path)];
    if (media === undefined) throw new UnfitPage("it has a file of an unknown kind");
    bytes += statSync(join(directory, path)).size;
    if (bytes > MAX_PAGE_BYTES) throw new UnfitPage(`it has more than ${MAX_PAGE_BYTES} bytes`);
    if (page.size >= MAX_FILES) throw new UnfitPage(`it has more than ${MAX_FILES} files`);
    const isIndex = path === "index.html";
    const caching = isIndex ? "no-cache" : "public, max-age=31536000, immutable";
    const content = readFileSync(join(directory, path));
    page.set(isIndex ? "/" : `/${path}`, pageFile(200, content, media, caching));
  }
  return page;
}

function unbuilt(reason: string): Page {
  const text = Buffer.from(`${NOT_BUILT}Why it cannot be shown: ${reason}.\n`);
  return new Map([["/", pageFile(404, text, "text/plain; charset=utf-8", "no-store")]]);
}

/** What was built with this program; the same place from src/ and from the compiled dist/. */
export const BUILT_PAGE = readPage(join(import.meta.dirname, "../../dist/dashboard"));

/** index.html and what lies in assets/. Throws what the system says where there is no build. */
function listPage(directory: string): string[] {
  const assets = readdirSync(join(directory, "assets")).sort();
  return ["index.html", ...assets.map((name) => `assets/${name}`)];
}

function pageFile(
  status: PageFile["status"],
  content: Uint8Array,
  media: string,
  caching: string,
): PageFile {
  const tag = createHash("sha256").update(content).digest("base64url").slice(0, 22);
  return {
    status,
    content: new Uint8Array(content),
    headers: {
      "content-type": media,
      "cache-control": caching,
      "content-security-policy": PAGE_POLICY,
      "cross-origin-opener-policy": "same-origin",
      etag: `"${tag}"`,
    },
  };
}
