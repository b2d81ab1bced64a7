/** The transports whose ports can be probed. */
export type Transport = "tcp" | "udp";
