/**
 * The guard's numbers in Prometheus' text format (prometheus.io/docs/instrumenting/exposition_formats).
 *
 * Counts are read where they are counted, when somebody asks. Of the pipeline two times are taken,
 * which cost nothing a packet: a verdict is one in many probes.
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Clock } from "../clock.ts";
import { INSTRUMENTS, type Instrument, type MetricsReading } from "./instruments.ts";

/** Upper bounds of the times of a verdict and of a ban, in seconds; the bar for a ban is 0.02. */
const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export class GuardMetrics {
  readonly #registry = new Registry();
  readonly #read: () => Promise<MetricsReading>;
  readonly #verdict: Histogram;
  readonly #ban: Histogram;
  readonly #setters: ((reading: MetricsReading) => void)[];

  constructor(read: () => Promise<MetricsReading>, clock: Clock) {
    this.#read = read;
    const registers = [this.#registry];
    this.#setters = INSTRUMENTS.map((each) => makeInstrument(each, this.#registry));
    this.#verdict = new Histogram({
      name: "vedette_verdict_seconds",
      help: "From when the guard has read the convicting probe to its verdict.",
      buckets: LATENCY_BUCKETS,
      registers,
    });
    this.#ban = new Histogram({
      name: "vedette_ban_seconds",
      help: "From a verdict to the kernel's word that its ban stands.",
      buckets: LATENCY_BUCKETS,
      registers,
    });
    addProcess(this.#registry, clock.epochMs() / 1000 - process.uptime());
  }

  /** A verdict was given so long (ms) after its last probe was read. */
  verdict(tookMs: number): void {
    this.#verdict.observe(tookMs / 1000);
  }

  /** A ban stands so long (ms) after its verdict. */
  ban(tookMs: number): void {
    this.#ban.observe(tookMs / 1000);
  }

  /** Names of all that there are, in their order. */
  names(): string[] {
    return this.#registry.getMetricsAsArray().map(({ name }) => name);
  }

  /** The text of one exposition. @throws what reading throws. */
  async expose(): Promise<string> {
    const reading = await this.#read();
    for (const set of this.#setters) set(reading);
    return this.#registry.metrics();
  }
}

/** @returns what brings its series up to date; those that there are no more go. */
function makeInstrument(
  { name, help, type, labels = [], read }: Instrument,
  registry: Registry,
): (reading: MetricsReading) => void {
  const options = { name, help, labelNames: labels, registers: [registry] };
  if (type === "gauge") {
    const metric = new Gauge(options);
    return (reading) => {
      metric.reset();
      for (const series of read(reading)) metric.set(series.labels ?? {}, series.value);
    };
  }
  const metric = new Counter(options);
  return (reading) => {
    metric.reset();
    for (const series of read(reading)) metric.inc(series.labels ?? {}, series.value);
  };
}

/**
 * Of this process: names as the conventions have them. Taken when they are asked for; the library's
 * own set would wake the process a hundred times a second.
 */
function addProcess(registry: Registry, startSeconds: number): void {
  const registers = [registry];
  new Gauge({
    name: "process_start_time_seconds",
    help: "When the guard's process began, in seconds since 1970.",
    registers,
  }).set(startSeconds);
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory of the guard's process.",
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Counter({
    name: "process_cpu_seconds_total",
    help: "Processor time of the guard's process, its own and the kernel's for it.",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1_000_000);
    },
  });
}
