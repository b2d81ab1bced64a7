/**
 * What a hostile sender tries on the rules themselves: full sets, one port for ever, packets that
 * look like answers, ports behind extension headers, answers that tell the real ports.
 */
import { join } from "node:path";
import { expect, it } from "vitest";
import { PortSet } from "../../src/net/port-range.ts";
import { forge } from "../support/forge.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { publishPorts } from "../support/networks.ts";
import { NODE } from "../support/programs.ts";
import { startServices } from "../support/services.ts";
import { letPass } from "../support/wait-for.ts";
import type { ExtensionOrder } from "./kernel-rules-extension-headers.ts";
import { hastenSuspicion, RulesScene, SERVICE, shrinkSet } from "./kernel-rules-scene.ts";

const TRAP_PORT = 23;
const [DEAD_PORT, OTHER_DEAD_PORT, THIRD_DEAD_PORT] = [4444, 4445, 4446];
const BRIEFLY = { timeoutMs: 100 };

/** A SYN to each, one after the other, of which no answer is awaited for long. */
async function probe(scene: RulesScene, who: "one" | "other", family: 4 | 6, ports: number[]) {
  const address = family === 4 ? scene.target.ipv4 : scene.target.ipv6;
  for (const port of ports) await scene[who].agent.connect(address, port, BRIEFLY);
}

describeLive("a full set of the kernel", [], () => {
  it.each([
    { set: "budget", ports: [TRAP_PORT] },
    { set: "held", ports: [TRAP_PORT] },
    { set: "suspect", ports: [DEAD_PORT, OTHER_DEAD_PORT] },
    { set: "seen", ports: [DEAD_PORT, OTHER_DEAD_PORT] },
  ])("$set: whoever comes after it was full is not held, and is counted", async (given) => {
    await using lab = await Lab.open();
    // Whoever is held stays so, however long a busy machine takes.
    const options = { holdSeconds: 60 };
    const scene = await RulesScene.build(lab, options, (text) => shrinkSet(text, given.set, 1));

    for (const family of [4, 6] as const) {
      const address = family === 4 ? scene.target.ipv4 : scene.target.ipv6;
      await probe(scene, "one", family, given.ports);
      expect(await scene.one.agent.connect(address, SERVICE)).toBe("silent");
      const before = await scene.counter("full");
      await probe(scene, "other", family, given.ports);
      expect(await scene.other.agent.connect(address, SERVICE)).toBe("open");
      expect((await scene.counter("full")) - before).toBe(given.ports.length);
    }
    expect(await scene.counter("holds")).toBe(2);
  });

  it("budget: two neighbours of a shared prefix are no exception", async () => {
    await using lab = await Lab.open();
    const scene = await RulesScene.build(lab, {}, (text) => shrinkSet(text, "budget", 1));
    await scene.run("add element inet vedette single6 { 2001:db8::/32 }");

    await probe(scene, "one", 6, [TRAP_PORT]);
    await probe(scene, "other", 6, [TRAP_PORT]);

    expect(await scene.counter("holds")).toBe(1);
    expect(await scene.counter("full")).toBe(1);
    expect(await scene.other.agent.connect(scene.target.ipv6, SERVICE)).toBe("open");
  });
});

describeLive("one dead port for ever", [], () => {
  // They wait more than they work: all at the same time.
  it.concurrent.each([
    { what: "before", holdSeconds: 1, first: [DEAD_PORT, OTHER_DEAD_PORT], ever: DEAD_PORT },
    { what: "after", holdSeconds: 1, first: [OTHER_DEAD_PORT], ever: DEAD_PORT },
    { what: "of mail, before", holdSeconds: 1, first: [143, OTHER_DEAD_PORT], ever: 143 },
    { what: "of mail, after", holdSeconds: 1, first: [OTHER_DEAD_PORT], ever: 143 },
    // Longer than the suspicion, which is renewed by what comes in while the source is held.
    { what: "before", holdSeconds: 5, first: [DEAD_PORT, OTHER_DEAD_PORT], ever: DEAD_PORT },
  ])("checked $what a slip to another one: it holds once, for $holdSeconds s", async (given) => {
    const { holdSeconds } = given;
    await using lab = await Lab.open();
    const scene = await RulesScene.build(lab, { holdSeconds }, (text) => hastenSuspicion(text, 3));

    await probe(scene, "one", 4, given.first);
    for (let round = 0; round < 20; round += 1) {
      await probe(scene, "one", 4, [given.ever]);
      await letPass(400);
    }

    expect(await scene.counter("holds")).toBe(1);
    // It is a suspect all the time: yet another port holds at once.
    await probe(scene, "one", 4, [THIRD_DEAD_PORT]);
    expect(await scene.counter("holds")).toBe(2);
  });
});

describeLive("different ports", [], () => {
  it.each([
    { what: "one number of two transports", tcp: [1069], udp: [1069] },
    { what: "a mail port and port 0", tcp: [143, 0], udp: [] },
    { what: "a file sharing port and port 1", tcp: [445, 1], udp: [] },
  ])("are $what", async ({ tcp, udp }) => {
    await using lab = await Lab.open();
    const scene = await RulesScene.build(lab, { trapPorts: new PortSet() });
    const { namespace, ipv4 } = scene.one;

    await forge(namespace, { from: ipv4, to: scene.target.ipv4, ports: tcp });
    for (const port of udp) await scene.one.agent.askByUdp(scene.target.ipv4, port, 1, 100);

    expect(await scene.counter("holds")).toBe(1);
  });

  it("are not the ports that one mail program tries, nor one port again", async () => {
    await using lab = await Lab.open();
    const scene = await RulesScene.build(lab);

    await probe(scene, "one", 4, [993, 143, 995, 110, 465, 587, 993]);
    await probe(scene, "other", 4, [DEAD_PORT, DEAD_PORT]);

    expect(await scene.counter("holds")).toBe(0);
  });
});

describeLive("a held source", [], () => {
  it.each([
    { answer: "drop" as const, watched: "neither", seen: "silent" },
    { answer: "reject" as const, watched: "neither", seen: "refused" },
    { answer: "pass" as const, watched: "neither", seen: "refused" },
    { answer: "drop" as const, watched: "tcp", seen: "refused" },
  ])(
    "sees dead, served and published ports alike: answer $answer, $watched only watched",
    async ({ answer, watched, seen }) => {
      await using lab = await Lab.open();
      const onlyWatched = { tcp: watched === "tcp", udp: false };
      const scene = await RulesScene.build(lab, { answer, onlyWatched, holdSeconds: 60 });
      const inside = await publishPorts(lab, scene.target, new Map([[8080, SERVICE]]));
      await startServices(inside, { tcp: [SERVICE] });
      const ports = [DEAD_PORT, SERVICE, 8080];
      for (const address of [scene.target.ipv4, scene.target.ipv6]) {
        expect(await scene.one.agent.connect(address, 8080)).toBe("open");
        for (const port of [161, 69]) await scene.one.agent.askByUdp(address, port, 1, 100);
        const found = await scene.one.agent.connectAll(address, ports);
        expect([...found]).toEqual(ports.map((port) => [port, seen]));
      }
    },
  );
});

describeLive("a datagram that looks like an answer", ["hping3"], () => {
  const ask = (scene: RulesScene, from: number, port: number) =>
    scene.one.namespace.exec("hping3", [
      ...["-q", "-2", "-c", "1", "-i", "u1000", "-k", "-s", String(from), "-p", String(port)],
      scene.target.ipv4,
    ]);

  it.each([53, 123, 443])("from port %i to listed ports below 1024 is a probe", async (from) => {
    await using lab = await Lab.open();
    const scene = await RulesScene.build(lab);

    await ask(scene, from, 161);
    await ask(scene, from, 69);
    expect(await scene.counter("holds")).toBe(1);
  });

  it("is an answer when it comes to listed ports from 1024 up", async () => {
    await using lab = await Lab.open();
    const udpListed = new PortSet([1023, 1024, 1025]);
    const scene = await RulesScene.build(lab, { udpListed });

    for (const port of [1024, 1025, 1023]) await ask(scene, 53, port);
    expect(await scene.counter("holds")).toBe(0);
    // Port 1023 was the first that counted.
    await probe(scene, "one", 4, [DEAD_PORT]);
    expect(await scene.counter("holds")).toBe(1);
  });
});

describeLive("ports behind an IPv6 extension header", [], () => {
  const script = join(import.meta.dirname, "kernel-rules-extension-headers.ts");

  it.each([
    { header: "hop-by-hop options", extension: 0, extensionBytes: 8 },
    { header: "hop-by-hop options", extension: 0, extensionBytes: 128 },
    { header: "destination options", extension: 60, extensionBytes: 8 },
    { header: "destination options", extension: 60, extensionBytes: 128 },
    { header: "routing", extension: 43, extensionBytes: 8 },
    { header: "routing", extension: 43, extensionBytes: 128 },
    { header: "fragment", extension: 44, extensionBytes: 8 },
  ])("$header of $extensionBytes bytes are probed like others", async ({ header: _, ...kind }) => {
    await using lab = await Lab.open();
    const scene = await RulesScene.build(lab);
    const expand = (address: string) => address.replace("::", ":0:0:0:0:");
    const send = (transport: "tcp" | "udp", port: number) => {
      const order: ExtensionOrder = {
        ...{ ...kind, transport, port },
        source: expand(scene.one.ipv6),
        destination: expand(scene.target.ipv6),
      };
      return scene.one.namespace.run(NODE, [script, JSON.stringify(order)]);
    };

    for (const port of [SERVICE, DEAD_PORT]) await send("tcp", port);
    expect(await scene.counter("holds")).toBe(0);
    await send("udp", 161);

    expect(await scene.counter("holds")).toBe(1);
    expect(await scene.one.agent.connect(scene.target.ipv6, SERVICE)).toBe("silent");
  });
});

describeLive("a ban of a wide IPv6 prefix", [], () => {
  it("covers a shared /64 of it whose first address is banned too", async () => {
    await using lab = await Lab.open();
    const scene = await RulesScene.build(lab);
    const network = scene.one.ipv6.replace(/::.*/, "::");
    await scene.run(
      `add element inet vedette single6 { ${network}/64 }`,
      `add element inet vedette banned6 { ${network} timeout 1h }`,
    );
    expect(await scene.one.agent.connect(scene.target.ipv6, SERVICE)).toBe("open");
    await scene.run(`add element inet vedette bannet6 { ${network}/56 timeout 1h }`);

    expect(await scene.one.agent.connect(scene.target.ipv6, SERVICE)).toBe("silent");
  });
});

describeLive("a table of other options", [], () => {
  it("leaves no chain behind when it is replaced", async () => {
    await using lab = await Lab.open();
    const scene = await RulesScene.build(lab, { onlyWatched: { tcp: true, udp: false } });
    const most = await scene.chains();
    expect(most).toContain("watch");

    await scene.load({ holdAfter: "off", ipv6PrefixBits: 128 });
    const least = await scene.chains();

    expect(least.filter((name) => /watch|single|first|judge|hold[46]/.test(name))).toEqual([]);
    await scene.load({ onlyWatched: { tcp: true, udp: false } });
    expect((await scene.chains()).sort()).toEqual([...most].sort());
  });

  it("gives way as a whole where its sets have another shape", async () => {
    await using lab = await Lab.open();
    const scene = await RulesScene.build(lab, {}, (text) =>
      text
        .replaceAll(/type inet_proto \. (ipv[46]_addr \. inet_service; .* size 262144)/g, "type $1")
        .replaceAll(/^.* @seen[46] .*$/gm, ""),
    );
    const shape = () =>
      scene.target.namespace.run("nft", ["list", "set", "inet", "vedette", "seen4"]);
    expect(await shape()).toContain("type ipv4_addr . inet_service");

    await Guard.start(lab, scene.target.namespace);

    expect(await shape()).toContain("type inet_proto . ipv4_addr . inet_service");
  });
});
