import { Refusal } from "../../domain/refusal.ts";
import { MediaId } from "../../schema/wire/ids.ts";

/** What an older client says by a link: the media it leads to. Links to anywhere else would tell a stranger who reads them. */
export function imageOf(link: string, said: Readonly<Record<string, unknown>>, publicUrl: string) {
  const path = link.startsWith(publicUrl) ? link.slice(publicUrl.length) : link;
  const [, id] = /^\/api\/v1\/media\/([^/?#]+)(?:\/content)?$/.exec(path) ?? [];
  const mediaId = MediaId.safeParse(id);
  if (!mediaId.success) throw refused("must be a media link of ours");
  const { type = "image", mediaId: other = mediaId.data } = said;
  if (other !== mediaId.data) throw refused("is of another media than mediaId");
  return { type, mediaId: mediaId.data };
}

function refused(message: string): Refusal {
  const path = "imageUrl";
  return new Refusal("VALIDATION_ERROR", `${path}: ${message}`, { details: [{ path, message }] });
}
