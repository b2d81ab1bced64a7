/**
 * Writes a systemd unit for the guard.
 *
 * It takes no capability away and hides no directory: the broker needs several, and what a KILL_
 * command needs nobody knows but its author. The guard process gives up its own by itself.
 */
import { profileOf } from "./profile.ts";

export interface UnitOptions {
  /** Absolute path of the vedette command. */
  readonly program: string;
  /** Absolute path of the configuration; undefined: the default one, if it exists. */
  readonly configPath: string | undefined;
}

const IDENTIFIER = `# Readers of PortSentry's lines, such as logwatch, look for this name.
SyslogIdentifier=portsentry
`;

/** Text of a service; whoever writes it to a file chooses its name. */
export function describeUnit({ program, configPath }: UnitOptions): string {
  const command = [program, "guard", ...(configPath === undefined ? [] : ["-c", configPath])];
  const isPortsentry = configPath !== undefined && profileOf(configPath) === "portsentry";
  const name = isPortsentry ? "portsentry" : "vedette";
  return `# Made by \`vedette config init --systemd\`. Its name is free; as
# /etc/systemd/system/${name}.service:
#   systemctl daemon-reload && systemctl enable --now ${name}.service
[Unit]
Description=Vedette port-scan sentry
# Its rules stand beside those of other firewalls, whoever comes first; names in the ignore file
# are resolved again until there is a network.
After=network.target nftables.service

[Service]
# Ready when it guards; ended and started again when it makes no progress.
Type=notify
WatchdogSec=60
ExecStart=${command.map(quoteWord).join(" ")}
${isPortsentry ? IDENTIFIER : ""}# What is wrong with the configuration stands in the log, and in \`vedette status\`.
ExecReload=/bin/kill -HUP $MAINPID
# A crash: bans stand in the kernel meanwhile. Not a wrong call, right or configuration.
Restart=on-failure
RestartSec=1
RestartPreventExitStatus=64 74 77 78
# The broker ends the guard process itself, so that what it knows is written down.
KillMode=mixed
TimeoutStopSec=30

[Install]
WantedBy=multi-user.target
`;
}

/** One word of a command line, after systemd.service(5), "Command lines". */
function quoteWord(word: string): string {
  const escaped = word
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("%", "%%")
    .replaceAll("$", "$$$$");
  return /^[A-Za-z0-9_@/.:+=-]+$/.test(word) ? word : `"${escaped}"`;
}
