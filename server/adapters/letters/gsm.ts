/** What a text message may hold at seven bits a sign (GSM 03.38). One other sign in it, and each takes two bytes. */
const SEVEN_BITS = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ!\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);

/** These take the place of two. */
const TWO_PLACES = new Set("^{}\\[~]|€");

/** Of a message in one piece; of more, each piece also says which it is. */
const ROOM = { sevenBits: { alone: 160, piece: 153 }, twoBytes: { alone: 70, piece: 67 } } as const;

/** As how many text messages that is sent, and paid for. */
export function piecesOf(text: string): number {
  const signs = [...text];
  const isShort = signs.every((sign) => SEVEN_BITS.has(sign) || TWO_PLACES.has(sign));
  const places = isShort ? signs.length + signs.filter((sign) => TWO_PLACES.has(sign)).length : text.length;
  const { alone, piece } = isShort ? ROOM.sevenBits : ROOM.twoBytes;
  return places <= alone ? 1 : Math.ceil(places / piece);
}
