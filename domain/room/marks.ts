/** How far one twin has come: [P11] 0 <= shownReadSeq <= readSeq <= deliveredSeq <= the newest message, and never back. */
export interface Marks {
  readonly deliveredSeq: number;
  readonly readSeq: number;
  /** As far as the other twin may know; it stays behind while read receipts are off. */
  readonly shownReadSeq: number;
}

export const noMarks: Marks = { deliveredSeq: 0, readSeq: 0, shownReadSeq: 0 };

/** Delivery never goes backwards nor ahead of history, so a late, repeated or wild report does no harm. */
export function withDelivered(marks: Marks, upTo: number, lastSeq: number): Marks {
  const deliveredSeq = Math.max(marks.deliveredSeq, Math.min(upTo, lastSeq));
  return deliveredSeq === marks.deliveredSeq ? marks : { ...marks, deliveredSeq };
}

/** Who has read something has received it. */
export function withRead(marks: Marks, upTo: number, lastSeq: number, sendsReceipts: boolean): Marks {
  const readSeq = Math.max(marks.readSeq, Math.min(upTo, lastSeq));
  const shownReadSeq = sendsReceipts ? readSeq : marks.shownReadSeq;
  if (readSeq === marks.readSeq && shownReadSeq === marks.shownReadSeq) return marks;
  return { deliveredSeq: Math.max(marks.deliveredSeq, readSeq), readSeq, shownReadSeq };
}
