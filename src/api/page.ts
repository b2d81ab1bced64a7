/**
 * The dashboard's built files, as the API hands them out on TCP.
 *
 * They hold no secret, so that a browser gets them before it has shown the token; what they then ask
 * for needs it. They are read once, when the program is loaded: afterwards the process may read
 * nothing of its own any more, and no request makes it touch a file. Names below /assets/ have a
 * hash of their content in them, so that a browser may keep them.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";

/** Larger than any build of ours, in bytes; what is beyond is no page of ours. */
const MAX_PAGE_BYTES = 4 * 1_048_576;

const MAX_FILES = 64;

/** A page that is not built is told how to come by it, in plain text. */
const NOT_BUILT =
  "The dashboard is not built in this checkout. `npm run dashboard` builds it; the guard has it after\n" +
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

/** @param directory with index.html and assets/; it need not be there. */
export function readPage(directory: string): Page {
  const page = new Map<string, PageFile>();
  let bytes = 0;
  for (const path of listPage(directory)) {
    const file = join(directory, path);
    const media = MEDIA[extname(path)];
    bytes += statSync(file).size;
    if (media === undefined || bytes > MAX_PAGE_BYTES || page.size >= MAX_FILES) continue;
    const isIndex = path === "index.html";
    const caching = isIndex ? "no-cache" : "public, max-age=31536000, immutable";
    page.set(isIndex ? "/" : `/${path}`, pageFile(200, readFileSync(file), media, caching));
  }
  if (!page.has("/")) {
    page.set("/", pageFile(404, Buffer.from(NOT_BUILT), "text/plain; charset=utf-8", "no-store"));
  }
  return page;
}

/** What was built with this program; the same place from src/ and from the compiled dist/. */
export const BUILT_PAGE = readPage(join(import.meta.dirname, "../../dist/dashboard"));

/** index.html and what lies in assets/; nothing where there is no build. */
function listPage(directory: string): string[] {
  try {
    const assets = readdirSync(join(directory, "assets")).sort();
    return ["index.html", ...assets.map((name) => `assets/${name}`)];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
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
