/** Two network namespaces that share a state directory, as containers with one volume do. */
import { expect, it } from "vitest";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";

describeLive("a state directory of two network namespaces", [], () => {
  it("is one guard's: a second ends with 69, what would write is refused, and both go on when the first has gone", async () => {
    await using lab = await Lab.open();
    const here = await lab.namespace("here");
    const there = await lab.namespace("there");
    const first = await Guard.start(lab, here);

    const second = await Guard.launch(lab, there, { after: first });
    expect(await second.process.ended).toMatchObject({ status: 69 });
    expect(second.process.output).toMatch(
      /a guard runs on this state directory in another network namespace: .*\(pid \d+, /,
    );
    // Another run directory, as a container has, or the first one's socket would be asked.
    const run = ["--run", `${first.folder}/run-there`, "--state", `${first.folder}/state`];
    const [vedette = "", ...words] = [process.cwd().concat("/bin/vedette"), ...run];
    for (const asked of [
      ["trust", "192.0.2.7"],
      ["remove", "--yes"],
    ]) {
      const { status, stderr } = await there.exec(vedette, [...words, ...asked], 60_000);
      expect(stderr, asked.join(" ")).toContain("a guard runs on this state directory");
      expect(status, asked.join(" ")).not.toBe(0);
    }

    first.kill("broker");
    await first.process.ended;
    const third = await Guard.start(lab, there, { after: first });
    expect(third.events("error")).toEqual([]);
  });
});
