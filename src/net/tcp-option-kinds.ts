/**
 * A set of TCP option kinds as bits of one number: which options a header has, whatever their order.
 *
 * No-operation and end of list are padding and have no bit.
 */

/** Maximum segment size. RFC 9293 section 3.7.1. */
export const HAS_MAXIMUM_SEGMENT_SIZE = 0x01;
/** RFC 7323 section 2.2. */
export const HAS_WINDOW_SCALE = 0x02;
/** RFC 2018 section 2. */
export const HAS_SACK_PERMITTED = 0x04;
/** RFC 7323 section 3.2. */
export const HAS_TIMESTAMPS = 0x08;
/** Any other kind. */
export const HAS_OTHER_OPTION = 0x10;
/** The options end in the middle of one: a capture cut them, or they were never whole. */
export const HAS_UNREADABLE_OPTION = 0x20;
