/** SHA-256 (hex) of a picture's three planes as decoded, rows without the padding at their ends. */
export async function planesHash(image: VideoFrame): Promise<string> {
  if (image.format !== "I420") throw new Error(`format ${image.format}`);
  const planes = new Uint8Array(image.allocationSize());
  const layout = await image.copyTo(planes);
  const { width, height } = image.visibleRect!;
  const size = (plane: number) =>
    plane === 0 ? [width, height] : [(width + 1) >> 1, (height + 1) >> 1];
  const whole = new Uint8Array(width * height + 2 * ((width + 1) >> 1) * ((height + 1) >> 1));
  let at = 0;
  layout.forEach(({ offset, stride }, plane) => {
    const [w, h] = size(plane) as [number, number];
    for (let y = 0; y < h; y += 1, at += w) {
      whole.set(planes.subarray(offset + y * stride, offset + y * stride + w), at);
    }
  });
  const digest = await crypto.subtle.digest("SHA-256", whole);
  return [...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, "0")).join("");
}
