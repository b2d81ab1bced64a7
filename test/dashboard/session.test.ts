import { afterEach, describe, expect, it, vi } from "vitest";
import { closeSession } from "../../src/dashboard/session.ts";
import { session } from "../../src/dashboard/session-state.ts";

afterEach(() => vi.unstubAllGlobals());

function answerWith(status: number, body: unknown): void {
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify(body), { status }));
}

describe("closeSession", () => {
  it.each([
    { what: "it was ended", status: 200 },
    { what: "there was none any more", status: 401 },
  ])("locks the page when $what", async ({ status }) => {
    session.set("open");
    answerWith(status, { message: "no session" });
    expect(await closeSession()).toBeUndefined();
    expect(session.get()).toBe("locked");
  });

  it.each([
    { status: 429, message: "Wait ten seconds." },
    { status: 503, message: "The guard is starting." },
  ])("says why it goes on after $status", async ({ status, message }) => {
    session.set("open");
    answerWith(status, { message });
    expect(await closeSession()).toBe(message);
    expect(session.get()).toBe("open");
  });

  it("says that it goes on when nobody answers", async () => {
    session.set("open");
    vi.stubGlobal("fetch", async () => {
      throw new TypeError("fetch failed");
    });
    expect(await closeSession()).toBe("The guard does not answer.");
    expect(session.get()).toBe("open");
  });
});
