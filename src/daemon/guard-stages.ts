/** The guard's stages, each made from the configuration. */
import type { BrokerEvent, HandedSocket } from "../broker/protocol.ts";
import { systemClock } from "../clock.ts";
import type { Settings } from "../config/schema.ts";
import { TriggerDetector } from "../detectors/trigger.ts";
import type { Journal } from "../journal/journal.ts";
import type { SourceKeys } from "../net/source-keys.ts";
import { Policy, type PolicyOptions } from "../policy/policy.ts";
import type { TrustedPrefixes } from "../policy/trusted-prefixes.ts";
import { NflogSensor } from "../sensors/nflog.ts";
import type { Sensor } from "../sensors/sensor.ts";
import { TcpListenerSensor } from "../sensors/tcp-listener.ts";
import { UdpListenerSensor } from "../sensors/udp-listener.ts";

/** The broker's greeting: everything that a guard is made from. */
export type Hello = Extract<BrokerEvent, { event: "hello" }>;

/** Every sensor that the handed sockets allow. */
export function sensorsOf(sockets: readonly HandedSocket[]): Sensor[] {
  const monotonicMs = () => systemClock.monotonicMs();
  const nflog = sockets.flatMap((socket) => (socket.kind === "nflog" ? [socket.fd] : []));
  const tcp = sockets.filter((socket) => socket.kind === "tcp-listener");
  const udp = sockets.filter((socket) => socket.kind === "udp-listener");
  return [
    ...nflog.map((fd) => new NflogSensor(fd, monotonicMs)),
    ...(tcp.length > 0 ? [new TcpListenerSensor(tcp, monotonicMs)] : []),
    ...(udp.length > 0 ? [new UdpListenerSensor(udp, monotonicMs)] : []),
  ];
}

/** The detector that DETECTOR names. */
export function detectorOf(values: Settings, keys: SourceKeys): TriggerDetector {
  return new TriggerDetector(
    {
      trigger: values.SCAN_TRIGGER,
      counts: values.TRIGGER_COUNTS,
      recordMs: values.RECORD_TIME,
      maxSources: values.MAX_SOURCES,
    },
    systemClock,
    keys,
  );
}

/** The policy of the configuration; it asks the journal who has offended before. */
export function policyOf(
  hello: Pick<Hello, "watchOnly" | "configRevision">,
  values: Settings,
  trusted: TrustedPrefixes,
  journal: Journal,
): Policy {
  const options: PolicyOptions = {
    banStepsMs: values.BAN_TIME,
    repeatWithinMs: values.REPEAT_WITHIN,
    claimedBansPerMinute: values.CLAIMED_BANS,
    watchOnly: hello.watchOnly ?? (values.NFT_BAN ? undefined : "NFT_BAN is 0"),
    blockTcp: values.BLOCK_TCP === "ban" ? 1 : 0,
    blockUdp: values.BLOCK_UDP === "ban" ? 1 : 0,
    configRevision: hello.configRevision,
  };
  return new Policy(options, systemClock, trusted, journal);
}
