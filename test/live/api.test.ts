/** The API of a real guard on TCP, asked with curl: token, reload, what never reaches a packet. */
import { readFile, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { StatusView } from "../../src/api/contract.ts";
import { curl } from "../support/curl.ts";
import { Guard } from "../support/guard.ts";
import { describeLive } from "../support/live.ts";
import { Lab } from "../support/namespaces.ts";
import { buildNetwork } from "../support/networks.ts";
import { waitFor } from "../support/wait-for.ts";

const PORT = 9847;

async function write(guard: Guard, key: string, value: string): Promise<void> {
  const path = join(guard.folder, "vedette.conf");
  const lines = (await readFile(path, "utf8")).split("\n").filter((line) => !line.startsWith(key));
  await writeFile(path, `${lines.join("\n")}\n${key}="${value}"\n`);
}

describeLive("the API on TCP", ["curl"], () => {
  it("is there from a reload on, for the token alone, moves, and goes, on one guard process", async () => {
    await using lab = await Lab.open();
    const { target, hosts } = await buildNetwork(lab, ["neighbour"]);
    const guard = await Guard.start(lab, target.namespace);
    const pid = guard.pid("guard");
    const url = `http://127.0.0.1:${PORT}/v1/status`;
    expect((await curl(target.namespace, url)).status).toBe(0);

    await write(guard, "API_LISTEN", `127.0.0.1:${PORT}`);
    expect(await guard.reload()).toMatchObject({ status: "reloaded", guard: "kept" });

    const tokenPath = join(guard.folder, "state/api.token");
    const bearer = async () =>
      `Authorization: Bearer ${(await readFile(tokenPath, "utf8")).trim()}`;
    expect((await stat(tokenPath)).mode & 0o777).toBe(0o640);
    const first = await bearer();
    await waitFor("an answer to the token", 30_000, async () => {
      const { status } = await curl(target.namespace, url, "--header", first);
      return status === 200;
    });
    const answer = await curl(target.namespace, url, "--header", first);
    expect((JSON.parse(answer.body) as StatusView).state).toBe("guarding");
    expect((await curl(target.namespace, url)).status).toBe(401);
    const elsewhere = `http://${target.ipv4}:${PORT}/v1/status`;
    expect((await curl(hosts.neighbour.namespace, elsewhere, "--header", first)).status).toBe(0);
    const foreign = ["--header", first, "--header", "Host: evil.example"];
    expect((await curl(target.namespace, url, ...foreign)).status).toBe(403);

    await unlink(tokenPath);
    expect(await guard.reload()).toMatchObject({ status: "unchanged" });
    const second = await bearer();
    expect(second).not.toBe(first);
    await waitFor("an answer to the other token", 30_000, async () => {
      const { status } = await curl(target.namespace, url, "--header", second);
      return status === 200;
    });
    expect((await curl(target.namespace, url, "--header", first)).status).toBe(401);

    await write(guard, "API_LISTEN", `127.0.0.1:${PORT + 1}`);
    await guard.reload();
    const moved = `http://localhost:${PORT + 1}/v1/bans`;
    await waitFor("an answer on the other port", 30_000, async () => {
      const { status } = await curl(target.namespace, moved, "--ipv4", "--header", second);
      return status === 200;
    });
    expect((await curl(target.namespace, url, "--header", second)).status).toBe(0);
    const body = ["--data", '{"address":"192.0.2.77","for_seconds":600}'];
    const ban = await curl(target.namespace, moved, "--ipv4", "--header", second, ...body);
    expect(JSON.parse(ban.body)).toMatchObject({ status: "applied" });
    expect(await guard.elementsOf("banned4")).toContain("192.0.2.77");

    const metrics = await curl(
      target.namespace,
      `http://127.0.0.1:${PORT + 1}/metrics`,
      ...["--header", second],
    );
    expect(metrics.body).toMatch(/^vedette_bans 1$/m);
    expect(metrics.body).toMatch(/^vedette_guarding 1$/m);

    const list = `http://127.0.0.1:${PORT + 1}/bans.txt`;
    expect((await curl(target.namespace, list)).status).toBe(401);
    expect(await curl(target.namespace, list, "--header", second)).toEqual({
      status: 200,
      body: "192.0.2.77\n",
    });

    const events = `http://localhost:${PORT + 1}/v1/events`;
    const streamed = await curl(
      target.namespace,
      events,
      "--ipv4",
      "--no-buffer",
      "--header",
      second,
    );
    expect(streamed.body.match(/^event: status$/gm)?.length).toBeGreaterThanOrEqual(2);
    expect(streamed.body).toMatch(/"rates":\{"probes_per_second":/);

    await write(guard, "API_LISTEN", "");
    await guard.reload();
    await waitFor("nobody to listen", 30_000, async () => {
      const { status } = await curl(target.namespace, moved, "--ipv4", "--header", second);
      return status === 0;
    });
    expect(guard.pid("guard")).toBe(pid);
  });

  it("lets the token for reading see everything and change nothing, and the history says so", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, []);
    const path = join(lab.folder, "read.token");
    const config = { API_LISTEN: `127.0.0.1:${PORT}`, API_READ_TOKEN_FILE: path };
    const guard = await Guard.start(lab, target.namespace, { config });
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    const bearer = ["--header", `Authorization: Bearer ${(await readFile(path, "utf8")).trim()}`];
    const url = `http://127.0.0.1:${PORT}`;
    await waitFor("an answer to the token for reading", 30_000, async () => {
      return (await curl(target.namespace, `${url}/v1/status`, ...bearer)).status === 200;
    });
    for (const read of ["/v1/bans", "/v1/timeline", "/metrics"]) {
      expect((await curl(target.namespace, `${url}${read}`, ...bearer)).status).toBe(200);
    }
    const ban = ["--data", '{"address":"203.0.113.9"}', ...bearer];
    const refused = await curl(target.namespace, `${url}/v1/bans`, ...ban);
    expect(refused.status).toBe(403);
    expect(refused.body).toContain("API_READ_TOKEN_FILE");
    expect(await guard.bans()).toEqual([]);
    expect(await guard.ask("history", "--kind", "request")).toContain(
      "read-token asked: POST /v1/bans (answered 403)",
    );

    // One that everybody can read lets nobody in, and the other token is served all the same.
    await target.namespace.run("chmod", ["644", path]);
    await guard.reload();
    expect((await guard.problem("api-token-refused")).text).toContain("API_READ_TOKEN_FILE");
    await waitFor("no answer to the token for reading", 30_000, async () => {
      return (await curl(target.namespace, `${url}/v1/status`, ...bearer)).status === 401;
    });
    const token = (await readFile(join(guard.folder, "state/api.token"), "utf8")).trim();
    const full = ["--header", `Authorization: Bearer ${token}`];
    expect((await curl(target.namespace, `${url}/v1/status`, ...full)).status).toBe(200);
  });

  it("is not there where everybody can read the token, and says why", async () => {
    await using lab = await Lab.open();
    const { target } = await buildNetwork(lab, []);
    const path = join(lab.folder, "open.token");
    await writeFile(path, "t".repeat(40), { mode: 0o644 });
    const config = { API_LISTEN: `[::1]:${PORT}`, API_TOKEN_FILE: path };
    const guard = await Guard.start(lab, target.namespace, { config });

    expect((await guard.problem("api-token-refused")).text).toContain("read by everybody");
    const url = `http://[::1]:${PORT}/v1/status`;
    const bearer = ["--header", `Authorization: Bearer ${"t".repeat(40)}`];
    expect((await curl(target.namespace, url, ...bearer)).status).toBe(0);

    await target.namespace.run("chmod", ["640", path]);
    await guard.reload();
    await waitFor("an answer", 30_000, async () => {
      return (await curl(target.namespace, url, ...bearer)).status === 200;
    });
  });
});
