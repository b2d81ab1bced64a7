import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openApiToken } from "../../src/broker/api-token.ts";

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "vedette-token-"));
  path = join(directory, "api.token");
});
afterEach(() => rmSync(directory, { recursive: true }));

const hashOf = (token: string) => createHash("sha256").update(token).digest("hex");

function write(text: string, modeBits = 0o640): void {
  writeFileSync(path, text);
  chmodSync(path, modeBits);
}

describe("openApiToken", () => {
  it("makes a token of 256 bits that owner and group may read, and takes it from then on", () => {
    const made = openApiToken(path, process.getgid?.());
    const token = readFileSync(path, "utf8").trim();
    expect(Buffer.from(token, "base64url")).toHaveLength(32);
    expect(made).toEqual({ status: "read", hash: hashOf(token) });
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(openApiToken(path, undefined)).toEqual(made);
  });

  it("makes another one where the first was removed", () => {
    const first = openApiToken(path, undefined);
    rmSync(path);
    expect(openApiToken(path, undefined)).not.toEqual(first);
  });

  it("takes one that somebody has written, with or without a line end", () => {
    for (const text of ["s".repeat(32), `${"s".repeat(32)}\n`]) {
      write(text, 0o600);
      expect(openApiToken(path, undefined)).toEqual({
        status: "read",
        hash: hashOf("s".repeat(32)),
      });
    }
  });

  it.each([
    {
      what: "is readable by everybody",
      text: "s".repeat(43),
      modeBits: 0o644,
      reason: /read by everybody/,
    },
    {
      what: "is writable by its group",
      text: "s".repeat(43),
      modeBits: 0o660,
      reason: /written by others/,
    },
    { what: "is empty", text: "", modeBits: 0o640, reason: /has no token/ },
    { what: "has 31 letters", text: "s".repeat(31), modeBits: 0o640, reason: /has no token/ },
    { what: "has 513 letters", text: "s".repeat(513), modeBits: 0o640, reason: /has no token/ },
    { what: "has two words", text: `${"s".repeat(40)} x`, modeBits: 0o640, reason: /has no token/ },
  ])("refuses a file that $what, and leaves it", ({ text, modeBits, reason }) => {
    write(text, modeBits);
    const reading = openApiToken(path, undefined);
    expect(reading).toMatchObject({ status: "refused", reason: expect.stringMatching(reason) });
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  it("says what stands in its way", () => {
    mkdirSync(path);
    expect(openApiToken(path, undefined)).toMatchObject({ status: "refused" });
    expect(openApiToken(join(directory, "none/api.token"), undefined)).toEqual({
      status: "refused",
      reason: `${join(directory, "none/api.token")} cannot be made (ENOENT)`,
    });
  });

  it("says nothing of the token when it refuses", () => {
    write("a secret that is too short", 0o640);
    expect(JSON.stringify(openApiToken(path, undefined))).not.toContain("secret");
  });
});
