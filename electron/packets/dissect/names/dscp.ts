/** Differentiated services and ECN code points (RFC 2474, RFC 3168): short words for a header's line, long ones for the field. */
const SHORT: Record<number, string> = { 46: 'EF PHB', 44: 'VOICE-ADMIT', 1: 'LE' };
const LONG: Record<number, string> = { 0: 'Default', 46: 'Expedited Forwarding', 44: 'Voice Admit', 1: 'Lower Effort' };

for (let selector = 0; selector < 8; selector++) {
  SHORT[selector << 3] = `CS${selector}`;
  if (selector > 0) LONG[selector << 3] = `Class Selector ${selector}`;
}
for (let af = 1; af <= 4; af++)
  for (let drop = 1; drop <= 3; drop++) {
    SHORT[(af << 3) | (drop << 1)] = `AF${af}${drop}`;
    LONG[(af << 3) | (drop << 1)] = `Assured Forwarding ${af}${drop}`;
  }

export const DSCP_NAMES: Readonly<Record<number, string>> = LONG;
export const ECN_NAMES: Readonly<Record<number, string>> = {
  0: 'Not ECN-Capable Transport',
  1: "ECN-Capable Transport codepoint '01'",
  2: "ECN-Capable Transport codepoint '10'",
  3: 'Congestion Experienced',
};
const ECN_SHORT = ['Not-ECT', 'ECT(1)', 'ECT(0)', 'CE'];

/** " (DSCP: EF PHB, ECN: ECT(1))" for the octet that IPv4 calls TOS and IPv6 traffic class. */
export function dsText(octet: number): string {
  return ` (DSCP: ${SHORT[octet >> 2] ?? 'Unknown'}, ECN: ${ECN_SHORT[octet & 3]})`;
}
