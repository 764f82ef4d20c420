import { useSnapshot } from "./context";
import { GoTo } from "./dialogs/GoTo";
import { Guideline } from "./dialogs/Guideline";
import { Help } from "./dialogs/Help";
import { Lanes } from "./dialogs/Lanes";
import { Menu } from "./dialogs/Menu";
import { Palette } from "./dialogs/Palette";
import { SettingsDialog } from "./dialogs/SettingsDialog";
import { Skip } from "./dialogs/Skip";

export function Dialogs() {
  const { dialog } = useSnapshot();
  if (dialog === "help") return <Help />;
  if (dialog === "palette") return <Palette />;
  if (dialog === "menu") return <Menu />;
  if (dialog === "settings") return <SettingsDialog />;
  if (dialog === "lanes") return <Lanes />;
  if (dialog === "goto") return <GoTo />;
  if (dialog === "guideline") return <Guideline />;
  if (dialog === "skip") return <Skip />;
  return null;
}
