import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ApplyRequest, ReloadView } from "../../src/api/contract.ts";
import { createApi, type ServedApi, serveApi } from "../../src/api/server.ts";
import { runCommandLine } from "../../src/cli/program.ts";
import { candidatePathOf } from "../../src/config/candidate.ts";
import { readSmallFile } from "../../src/config/read-small-file.ts";
import { FakeOperator, RELOADED } from "../api/fake-operator.ts";
import { createFakeContext } from "./fake-context.ts";

/** Reads what was left for it, as the broker does. */
class ReadingOperator extends FakeOperator {
  readonly #state: string;
  tried: unknown[] = [];

  constructor(state: string) {
    super();
    this.#state = state;
  }

  override async apply(request: ApplyRequest): Promise<ReloadView> {
    this.tried.push(readSmallFile(candidatePathOf(this.#state), 1), request);
    return super.apply(request);
  }
}

let directory: string;
let state: string;
let file: string;
let operator: ReadingOperator;
let served: ServedApi;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "vedette-apply-"));
  state = join(directory, "state");
  mkdirSync(state);
  file = join(directory, "new.conf");
  writeFileSync(file, 'HOLD_TIME="30s"\n');
  operator = new ReadingOperator(state);
  const options = {
    mayChange: () => true,
    onDefect: (error: unknown) => {
      throw error;
    },
  };
  served = await serveApi(createApi(operator, options), { path: join(directory, "api.sock") });
});
afterEach(async () => {
  await served.close();
  rmSync(directory, { recursive: true });
});

async function run(...words: string[]) {
  const context = createFakeContext({});
  const places = ["--run", directory, "--state", state];
  const status = await runCommandLine([...places, ...words], context, async () => 0);
  return { status, out: context.printed(), err: context.printedErrors() };
}

describe("vedette apply", () => {
  it("leaves the file for the broker while it asks, and says how to keep it", async () => {
    expect(await run("apply", file, "--confirm", "90s")).toEqual({
      status: 0,
      err: "",
      out:
        "Reloaded: configuration 0123456789ab; changed: SCAN_TRIGGER, TRAP_PORTS.\n" +
        "Bans stand, and sources are remembered as before.\n" +
        "The former one comes back in 90s unless you run: vedette confirm\n",
    });
    expect(operator.tried).toMatchObject([
      { status: "read", text: 'HOLD_TIME="30s"\n' },
      { confirm_seconds: 90 },
    ]);
    expect(existsSync(candidatePathOf(state))).toBe(false);
  });

  it("gives a minute where nobody says how long", async () => {
    await run("apply", file);
    expect(operator.tried[1]).toEqual({ confirm_seconds: 60 });
  });

  it("prints what the API sends with --json", async () => {
    expect((await run("apply", file, "--json")).out).toBe(`${JSON.stringify(RELOADED)}\n`);
  });

  it("tells the faults where the file stands, and exits 78", async () => {
    const place = `${candidatePathOf(state)}:1`;
    operator.reloadView = { ...RELOADED, status: "invalid", faults: [`${place}: HOLD_TIME: bad`] };
    const { status, out, err } = await run("apply", file);
    expect({ status, out }).toEqual({ status: 78, out: "" });
    expect(err).toContain(`stays in force:\n${file}:1: HOLD_TIME: bad`);
  });

  it("asks for no confirmation where nothing changed", async () => {
    operator.reloadView = { ...RELOADED, status: "unchanged", changed: [] };
    expect((await run("apply", file)).out).toBe(
      "Nothing changed: configuration 0123456789ab.\n" +
        `${file} makes no difference, so there is nothing to confirm:\n` +
        "the guard's own file stays as it is, with its comments.\n",
    );
  });

  it.each([
    { what: "a file that is not there", words: ["none.conf"], status: 78, text: "no such file" },
    { what: "no file", words: [], status: 64, text: "missing required argument" },
    { what: "no time", words: ["new.conf", "--confirm", "0s"], status: 64, text: "from 1s to 1d" },
  ])("refuses $what with $status and asks nobody", async ({ words, status, text }) => {
    const named = words.map((word) => (word.endsWith(".conf") ? join(directory, word) : word));
    const ended = await run("apply", ...named);
    expect(ended.status).toBe(status);
    expect(ended.err).toContain(text);
    expect(operator.tried).toEqual([]);
  });

  it("names the state directory where nothing can be left, and asks nobody", async () => {
    rmSync(state, { recursive: true });
    const { status, err } = await run("apply", file);
    expect(status).toBe(69);
    expect(err).toContain("is this the guard's own --state?");
    expect(operator.tried).toEqual([]);
  });
});
