/**
 * A real sshd with key login, and clients that log in and stay.
 *
 * Keys and configuration lie in the lab's folder. sshd insists on /run/sshd, which it makes empty
 * and root's; where the machine has none it is made, because nothing else will do.
 */
import { chmod, copyFile, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LiveProcess } from "./live-process.ts";
import type { Lab, Namespace } from "./namespaces.ts";
import { waitFor } from "./wait-for.ts";

const READY_MS = 60_000;

export interface SshServer {
  /**
   * Logs in from `client` and stays.
   * @returns the client; stop it to log out. @throws {Error} when the login does not succeed.
   */
  logIn(client: Namespace, address: string): Promise<LiveProcess>;
}

/** sshd on port 22 of this namespace. */
export async function startSsh(lab: Lab, namespace: Namespace): Promise<SshServer> {
  const folder = await mkdtemp(join(lab.folder, "ssh-"));
  const key = join(folder, "key");
  const hostKey = join(folder, "host-key");
  for (const file of [key, hostKey]) {
    await namespace.run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
  }
  await copyFile(`${key}.pub`, join(folder, "authorized"));
  await chmod(join(folder, "authorized"), 0o600);
  await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  const file = join(folder, "sshd.conf");
  await writeFile(
    file,
    `Port 22
HostKey ${hostKey}
PidFile none
AuthorizedKeysFile ${join(folder, "authorized")}
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
UsePAM no
UseDNS no
PrintMotd no
`,
  );
  const server = namespace.spawn("/usr/sbin/sshd", ["-D", "-e", "-f", file]);
  await waitFor("sshd to listen", READY_MS, () => {
    if (server.isOver) throw new Error(`sshd ended:\n${server.output}`);
    return server.output.includes("Server listening on");
  });

  return {
    async logIn(client, address) {
      const options = [
        ["-i", key],
        ["-o", "StrictHostKeyChecking=no"],
        ["-o", "UserKnownHostsFile=/dev/null"],
        ["-o", "IdentitiesOnly=yes"],
        ["-o", "BatchMode=yes"],
      ].flat();
      const stay = "echo logged in; exec cat";
      const session = client.spawn("ssh", ["-F", "none", ...options, `root@${address}`, stay]);
      await waitFor(`a login at ${address}`, READY_MS, () => {
        if (session.isOver) throw new Error(`ssh ended:\n${session.output}\n${server.output}`);
        return session.lines.includes("logged in");
      });
      return session;
    },
  };
}
