/** The live view on a real terminal, tmux's, beside a real guard and a real scan. */
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab, type Namespace } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { VEDETTE } from "../support/programs.ts";
import { waitFor } from "../support/wait-for.ts";

/** A shell in a terminal of 100 by 30 in which the view is started, so that it can be left. */
class Screen {
  readonly #namespace: Namespace;
  readonly #socket: string;

  constructor(namespace: Namespace, socket: string) {
    this.#namespace = namespace;
    this.#socket = socket;
  }

  /** @param env words of a shell before the command: "NO_COLOR=1". */
  static async open(guard: Guard, env = ""): Promise<Screen> {
    // A terminal's server takes a moment to end, and answers at its socket until it has.
    const folder = await mkdtemp(join(guard.folder, "tmux-"));
    const screen = new Screen(guard.namespace, join(folder, "socket"));
    await screen.#tmux("-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30", "sh");
    const places = `--run ${join(guard.folder, "run")} --state ${join(guard.folder, "state")}`;
    await screen.type(`LC_ALL=C.UTF-8 ${env} ${VEDETTE} ${places} watch; echo ended: $?`, "Enter");
    return screen;
  }

  async type(...keys: readonly string[]): Promise<void> {
    await this.#tmux("send-keys", ...keys);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux("resize-window", "-x", `${columns}`, "-y", `${rows}`);
  }

  async text(): Promise<string> {
    return this.#tmux("capture-pane", "-p");
  }

  /** The same with what it is shown in, by SGR sequences (ECMA-48, section 8.3.117). */
  async styled(): Promise<string> {
    return this.#tmux("capture-pane", "-e", "-p");
  }

  async shows(what: string | RegExp): Promise<string> {
    let text = "";
    return waitFor(
      () => `${what} on the screen:\n${text}`,
      60_000,
      async () => {
        text = await this.text();
        return (typeof what === "string" ? text.includes(what) : what.test(text)) && text;
      },
    );
  }

  /** Of the processes whose command line has this. */
  async signal(name: string): Promise<void> {
    const pid = (await this.#namespace.run("pgrep", ["-f", `main.ts --run ${name}`])).split(
      "\n",
    )[0];
    await this.#namespace.run("kill", ["-TERM", pid ?? ""]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tmux("kill-server");
  }

  #tmux(...words: readonly string[]): Promise<string> {
    return this.#namespace.run("tmux", ["-S", this.#socket, ...words]);
  }
}

describeLive("vedette watch", ["nmap", "tmux", "pgrep"], () => {
  it("shows a scan and its ban, bans and unbans by key, resizes, and leaves the terminal as it was", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    const guard = await Guard.start(lab, target.namespace);
    await using screen = await Screen.open(guard);
    await screen.shows("> Campaigns (0)");

    const { namespace, ipv4 } = hosts.scanner;
    const scan = `-n -Pn -sS --max-retries 0 -p 1001-1030 ${target.ipv4}`;
    await namespace.exec("nmap", scan.split(" "));
    await screen.shows(new RegExp(`> ${ipv4} .*banned`));
    expect(await screen.text()).toMatch(/tcp 10\d\d x\d/);

    await screen.type("Tab");
    await screen.shows("> Bans (1)");
    await screen.shows(new RegExp(`> ${ipv4} +\\d+:\\d\\d +`));
    await screen.type("u");
    await screen.shows(`unban ${ipv4}? (y/n)`);
    await screen.type("n");
    expect((await guard.bans()).map(({ address }) => address)).toEqual([ipv4]);
    await screen.type("u");
    await screen.shows("(y/n)");
    await screen.type("y");
    await screen.shows(`${ipv4} is unbanned.`);
    await screen.shows("> Bans (0)");

    await screen.type("Tab", "w");
    await screen.shows("What it did, the latest first:");
    await screen.type("q");
    await screen.resize(40, 10);
    await screen.shows("> Campaigns (1)");
    await screen.resize(39, 10);
    await screen.shows("too small");

    await screen.type("q");
    const after = await screen.shows("ended: 0");
    expect(after).not.toContain("Campaigns");
    // The shell shows again what is typed.
    await screen.type("echo $((6*7))", "Enter");
    await screen.shows(/echo \$\(\(6\*7\)\)\s+42/);
  });

  it("bans for good and trusts by key, and does neither where the question is answered with no", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["prober"]);
    const guard = await Guard.start(lab, target.namespace);
    await using screen = await Screen.open(guard);
    await screen.shows("> Campaigns (0)");

    // Two ports convict nobody, so that only the key bans.
    const { namespace, ipv4 } = hosts.prober;
    await namespace.exec(
      "nmap",
      `-n -Pn -sS --max-retries 0 -p 1001,1002 ${target.ipv4}`.split(" "),
    );
    await screen.shows(new RegExp(`> ${ipv4} `));
    for (const key of ["b", "t"]) {
      await screen.type(key);
      await screen.shows("(y/n)");
      await screen.type("n");
      await screen.shows("b ban  u unban  t trust");
    }
    expect(await guard.bans()).toEqual([]);
    const trustedByHand = async () =>
      (
        JSON.parse(await guard.ask("trusted", "--json")) as { address: string; why: string }[]
      ).filter(({ address }) => address === ipv4);
    expect(await trustedByHand()).toEqual([]);

    await screen.type("b");
    await screen.shows(`ban ${ipv4} for good? (y/n)`);
    await screen.type("y");
    await screen.shows(`${ipv4} is banned for good.`);
    const [ban] = await guard.bans();
    expect(ban).toMatchObject({ address: ipv4, until: null, origin: "operator" });
    expect(await guard.elementsOf("banned4")).toContain(ipv4);

    await screen.type("t");
    await screen.shows(`trust ${ipv4}: never hold or ban it? (y/n)`);
    await screen.type("y");
    await screen.shows(`${ipv4} is trusted.`);
    expect(await trustedByHand()).toHaveLength(1);
    expect(await guard.elementsOf("trusted4")).toContain(ipv4);
  });

  it("has colours, and none with NO_COLOR, where what is selected is seen all the same", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["prober"]);
    const guard = await Guard.start(lab, target.namespace);
    const { namespace, ipv4 } = hosts.prober;
    const scan = `-n -Pn -sS --max-retries 0 -p 1001,1002 ${target.ipv4}`;
    await namespace.exec("nmap", scan.split(" "));

    for (const [env, hasColours] of [
      ["NO_COLOR=", true],
      ["NO_COLOR=1", false],
    ] as const) {
      await using screen = await Screen.open(guard, env);
      await screen.shows(new RegExp(`> ${ipv4} `));
      const styled = await screen.styled();
      // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for.
      const codes = [...styled.matchAll(/\x1b\[([0-9;]*)m/g)].flatMap(([, all = ""]) =>
        all.split(";"),
      );
      // 39 and 49 put back what the terminal has.
      const colours = codes.filter((code) => /^(?:[34][0-8]|9[0-7]|10[0-7])$/.test(code));
      expect(colours.length > 0, `${env}: ${codes}`).toBe(hasColours);
      // Bold and reversed are none.
      expect(codes, env).toEqual(expect.arrayContaining(["1", "7"]));
    }
  });

  it("says that the guard is gone, goes on when it is back, and ends well by a signal and a stop", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, []);
    const guard = await Guard.start(lab, target.namespace);
    await using screen = await Screen.open(guard);
    await screen.shows("> Campaigns (0)");

    await guard.stop();
    await screen.shows(/no guard is listening|the guard is gone/);
    const next = await Guard.start(lab, target.namespace, { after: guard });
    await screen.shows("vedette  guarding");

    await screen.type("C-z");
    await screen.shows(/Stopped/);
    await screen.type("fg", "Enter");
    await screen.shows("> Campaigns (0)");
    await screen.signal(join(next.folder, "run"));
    await waitFor(
      "the screen of before",
      30_000,
      async () => !(await screen.text()).includes("Campaigns"),
    );
    await screen.type("echo status $?", "Enter");
    await screen.shows("status 143");
  });

  it("writes lines where there is no terminal, and JSON when asked", async () => {
    await using lab = await Lab.open();
    const { hosts, target } = await buildNetwork(lab, ["scanner"]);
    const guard = await Guard.start(lab, target.namespace);
    const places = ["--run", join(guard.folder, "run"), "--state", join(guard.folder, "state")];
    const plain = guard.namespace.spawn(VEDETTE, [...places, "watch"]);
    const json = guard.namespace.spawn(VEDETTE, [...places, "watch", "--json"]);
    await waitFor("the first lines", 30_000, () => plain.output !== "" && json.output !== "");

    const { namespace, ipv4 } = hosts.scanner;
    const scan = `-n -Pn -sS --max-retries 0 -p 1001-1030 ${target.ipv4}`;
    await namespace.exec("nmap", scan.split(" "));
    await waitFor("a ban", 30_000, () => plain.output.includes(`  ban  ${ipv4}  banned for `));
    const kinds = () => json.lines.map((line) => JSON.parse(line).kind as string);
    await waitFor("each kind", 30_000, () =>
      ["status", "campaign", "event"].every((kind) => kinds().includes(kind)),
    );
    expect(plain.output).not.toContain("\u001b");
  });
});
