import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { startFauxqs } from "fauxqs";
import { s3Store } from "../../server/adapters/blobs/s3.ts";
import type { OpenedStore } from "./blob-doors.ts";
import { StrictS3 } from "./strict-s3.ts";

/** A server that speaks S3 and asks nobody who they are. */
export async function openServed(): Promise<OpenedStore> {
  const server = await startFauxqs({ port: 0, logger: false });
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const place = { bucket: "twinship-test", region: "us-east-1", endpoint: server.address, credentials };
  const client = new S3Client({ ...place, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: place.bucket }));
  client.destroy();
  let at = Date.now();
  const store = await s3Store({ ...place, now: () => at });
  const setNow = (then: number) => {
    at = then;
  };
  return { store, reported: [], setNow, close: () => server.stop() };
}

/** A double that refuses what S3 refuses. */
export async function openStrict(): Promise<OpenedStore & { readonly double: StrictS3 }> {
  const double = await StrictS3.open();
  const now = () => double.now();
  const store = await s3Store({ ...double.deps, endpoint: double.endpoint, now });
  const setNow = (then: number) => {
    double.now = () => then;
  };
  return { store, double, reported: [], setNow, close: () => double.close() };
}
