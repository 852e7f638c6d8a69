/**
 * Makes photographs small before they are sent, for weak networks. When anything fails the original goes;
 * the server re-encodes every picture anyway.
 */
const LONGEST = 1280;
const QUALITY = 0.72;

async function shrink(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  if (!blob || blob.size >= file.size) return file;
  return new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg" });
}

export default function photoShrink(input) {
  input.addEventListener("change", async () => {
    try {
      const small = new DataTransfer();
      for (const file of input.files) small.items.add(await shrink(file));
      input.files = small.files;
    } catch (fault) {
      console.warn("photo-shrink", fault);
    }
  });
}
