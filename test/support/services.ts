/**
 * Real services for live tests: plain TCP and UDP ports, nginx, vsftpd, a name server, sshd.
 *
 * Each function resolves only when its service answers, so that no test waits by the clock. Files
 * of a service lie in the lab's folder; nothing of the machine's own configuration is read or
 * written.
 */
import { chmod, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LiveProcess } from "./live-process.ts";
import type { Lab, Namespace } from "./namespaces.ts";
import { NODE } from "./programs.ts";
import { waitFor } from "./wait-for.ts";

/** Longest that a service may take to answer. Milliseconds. */
const READY_MS = 60_000;

/** Resolves when something listens on the TCP port in this namespace. */
async function listening(namespace: Namespace, port: number, child: LiveProcess): Promise<void> {
  await waitFor(`a listener on port ${port}`, READY_MS, async () => {
    if (child.isOver) throw new Error(`the service of port ${port} ended:\n${child.output}`);
    const sockets = await namespace.run("ss", ["-Hltn", `sport = :${port}`]);
    return sockets.trim() !== "";
  });
}

async function ownFolder(lab: Lab, name: string): Promise<string> {
  const folder = await mkdtemp(join(lab.folder, `${name}-`));
  await chmod(folder, 0o755);
  return folder;
}

/** Ports to be served; {@link startServices} says how. */
export interface ServicePorts {
  /** They greet, echo, and end a connection when its client does. */
  readonly tcp?: readonly number[];
  /** They keep a connection that its client has ended, and end it on SIGUSR2, with a last word. */
  readonly slowTcp?: readonly number[];
  /** They echo. */
  readonly udp?: readonly number[];
}

/** Opens these ports; stop the process to close them all, call again to have them back. */
export async function startServices(
  namespace: Namespace,
  { tcp = [], slowTcp = [], udp = [] }: ServicePorts,
): Promise<LiveProcess> {
  const wanted = JSON.stringify({ tcp, slowTcp, udp });
  const script = join(import.meta.dirname, "service-host.ts");
  const child = namespace.spawn(NODE, [script, wanted]);
  await waitFor("the services to listen", READY_MS, () => {
    if (child.isOver) throw new Error(`the services ended:\n${child.output}`);
    return child.lines.includes("listening");
  });
  return child;
}

export interface NginxOptions {
  readonly port: number;
  /** Seconds for which an idle connection is kept; 0: the server closes after each answer. */
  readonly keepAliveSeconds: number;
}

/** nginx with one worker that answers every request with four bytes. */
export async function startNginx(
  lab: Lab,
  namespace: Namespace,
  options: NginxOptions,
): Promise<LiveProcess> {
  const folder = await ownFolder(lab, "nginx");
  const file = join(folder, "nginx.conf");
  await writeFile(
    file,
    `daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log ${folder}/error.log;
events { worker_connections 8192; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  keepalive_timeout ${options.keepAliveSeconds};
  server {
    listen ${options.port} backlog=4096;
    listen [::]:${options.port} backlog=4096;
    location / { return 200 "fine"; }
  }
}
`,
  );
  const child = namespace.spawn("nginx", ["-c", file, "-e", `${folder}/error.log`]);
  await listening(namespace, options.port, child);
  return child;
}

export interface FtpServer {
  readonly port: number;
  /** A file that an anonymous client may fetch, and how long it is. */
  readonly file: string;
  readonly fileBytes: number;
}

/**
 * vsftpd for anonymous, passive clients, under a system user whose home exists everywhere. Data
 * connections go to ports 30000 to 30999.
 */
export async function startFtp(lab: Lab, namespace: Namespace): Promise<FtpServer> {
  const folder = await ownFolder(lab, "ftp");
  const root = join(folder, "root");
  const empty = join(folder, "empty");
  await mkdir(root);
  await mkdir(empty);
  const fileBytes = 100_000;
  await writeFile(join(root, "file"), "x".repeat(fileBytes));
  // vsftpd refuses an anonymous root that can be written to.
  await chmod(root, 0o555);
  const file = join(folder, "vsftpd.conf");
  await writeFile(
    file,
    `listen=YES
background=NO
anonymous_enable=YES
anon_root=${root}
secure_chroot_dir=${empty}
ftp_username=daemon
pasv_min_port=30000
pasv_max_port=30999
xferlog_enable=NO
seccomp_sandbox=NO
isolate=NO
isolate_network=NO
`,
  );
  await listening(namespace, 21, namespace.spawn("vsftpd", [file]));
  return { port: 21, file: "file", fileBytes };
}

/**
 * A name server on a UDP port that answers every question after `delayMs`.
 * @param names the labels of the answer to a question for a name, by that question's first label.
 */
export async function startNameServer(
  namespace: Namespace,
  delayMs: number,
  port = 53,
  names: ReadonlyMap<string, readonly Buffer[]> = new Map(),
): Promise<LiveProcess> {
  const script = join(import.meta.dirname, "name-server.ts");
  const inHex = [...names].map(([first, labels]) => [
    first,
    labels.map((label) => label.toString("hex")),
  ]);
  const words = [String(port), String(delayMs), JSON.stringify(Object.fromEntries(inHex))];
  const child = namespace.spawn(NODE, [script, ...words]);
  await waitFor("the name server to listen", READY_MS, () => {
    if (child.isOver) throw new Error(`the name server ended:\n${child.output}`);
    return child.lines.includes("listening");
  });
  return child;
}
