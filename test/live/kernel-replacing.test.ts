/** The rules are replaced while packets come, as a reload does: each meets the old ones or the new. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { buildTable } from "../../src/kernel/table.ts";
import { forge } from "../support/forge.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { NODE } from "../support/programs.ts";
import { DEFAULTS, RulesScene } from "./kernel-rules-scene.ts";

const FIRST_PORT = 2001;
const PORTS = 900;

describeLive("rules that are replaced", [], () => {
  it("let no probe pass by unnoticed", async () => {
    await using lab = await Lab.open();
    const options = { holdAfter: "off" } as const;
    const scene = await RulesScene.build(lab, options);
    const { namespace, ipv4 } = scene.target;
    // What is seen as a probe is dropped before that.
    await scene.run(
      "table inet oracle {",
      "  counter slipped { }",
      "  chain behind {",
      "    type filter hook input priority 0; policy accept;",
      `    tcp dport ${FIRST_PORT}-${FIRST_PORT + PORTS - 1} counter name slipped`,
      "  }",
      "}",
    );
    const path = join(lab.folder, "table");
    await writeFile(path, buildTable({ ...DEFAULTS, ...options }));
    const script = join(import.meta.dirname, "kernel-replacing-scene.ts");
    const replacing = namespace.spawn(NODE, [script, path]);

    // One in 70,000 slipped through rules that had verdict maps.
    await forge(scene.one.namespace, {
      from: scene.one.ipv4,
      to: ipv4,
      ports: Array.from({ length: PORTS }, (_, index) => FIRST_PORT + index),
      repeats: 400,
      perSecond: 60_000,
    });

    replacing.signal("SIGTERM");
    const { status, stdout, stderr } = await replacing.ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(Number(stdout)).toBeGreaterThan(100);
    const counter = ["list", "counter", "inet", "oracle", "slipped"];
    const [, slipped] = /packets (\d+)/.exec(await namespace.run("nft", counter)) ?? [];
    expect(slipped).toBe("0");
  });
});
