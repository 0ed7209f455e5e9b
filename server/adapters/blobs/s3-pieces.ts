import type { S3Client } from "@aws-sdk/client-s3";
import { COPIES, copyName, type PieceStore, pieceName } from "./pieces.ts";
import { away, reached, unlessGone } from "./s3-answers.ts";

export interface S3PiecesDeps {
  /** Loaded by who has a store. */
  readonly s3: typeof import("@aws-sdk/client-s3");
  readonly client: S3Client;
  readonly bucket: string;
  readonly remove: (keys: readonly string[]) => Promise<void>;
}

/** An object a piece: what one request takes and another brings, and neither waits for whoever reads slowly. */
export function s3Pieces({ s3, client, bucket: Bucket, remove }: S3PiecesDeps): PieceStore {
  const placeOf = (copy: string): string => `${COPIES}/${copyName(copy)}/`;
  const listed = (Prefix: string, more: object = {}) =>
    s3.paginateListObjectsV2({ client }, { Bucket, Prefix, ...more });

  return {
    async put(copy, n, piece) {
      const what = { Bucket, Key: placeOf(copy) + pieceName(n), ContentLength: piece.length };
      await reached(client.send(new s3.PutObjectCommand({ ...what, Body: piece })));
    },

    async get(copy, n) {
      const asked = new s3.GetObjectCommand({ Bucket, Key: placeOf(copy) + pieceName(n) });
      const { Body } = (await unlessGone(reached(client.send(asked)))) ?? {};
      return Body?.transformToByteArray().catch((cause) => {
        throw away(cause);
      });
    },

    async *copies() {
      for await (const { CommonPrefixes = [] } of listed(`${COPIES}/`, { Delimiter: "/" }))
        yield CommonPrefixes.flatMap(({ Prefix }) => Prefix?.split("/")[1] ?? []);
    },

    async remove(copy) {
      for await (const { Contents = [] } of listed(placeOf(copy)))
        await remove(Contents.flatMap(({ Key }) => Key ?? []));
    },
  };
}
