// The page on which one orders, in the make usual for such services: Vue and Vant, only the parts in use, packed by esbuild.
import { createApp, h, ref } from "vue";
import { Button, CellGroup, Cell, Field, Form, NavBar, Radio, RadioGroup, Tabbar, TabbarItem } from "vant";
import "vant/es/button/style/index.mjs";
import "vant/es/cell-group/style/index.mjs";
import "vant/es/cell/style/index.mjs";
import "vant/es/field/style/index.mjs";
import "vant/es/form/style/index.mjs";
import "vant/es/nav-bar/style/index.mjs";
import "vant/es/radio/style/index.mjs";
import "vant/es/radio-group/style/index.mjs";
import "vant/es/tabbar/style/index.mjs";
import "vant/es/tabbar-item/style/index.mjs";

const KINDS = ["医疗陪护", "家政保洁", "助餐买菜", "水电维修", "理发洗浴", "陪伴聊天", "手机教学", "政策咨询"];

createApp({
  setup() {
    const [kind, words, phone, tab] = [ref(KINDS[0]), ref(""), ref(""), ref(0)];
    const model = (box) => ({ modelValue: box.value, "onUpdate:modelValue": (value) => (box.value = value) });
    const choices = () => KINDS.map((name) => h(Cell, { title: name, clickable: true, onClick: () => (kind.value = name) },
      { "right-icon": () => h(Radio, { name }) }));
    return () => h("main", [
      h(NavBar, { title: "邻里点单", rightText: "打电话求助" }),
      h("h1", "您需要什么帮助？"),
      h(Form, { onSubmit: () => {} }, () => [
        h(RadioGroup, model(kind), () => h(CellGroup, { inset: true }, choices)),
        h(CellGroup, { inset: true }, () => [
          h(Field, { ...model(words), type: "textarea", rows: 3, label: "说明", placeholder: "周三上午陪我去市一医院复查" }),
          h(Field, { ...model(phone), type: "tel", label: "联系电话" }),
        ]),
        h(Button, { type: "primary", block: true, round: true, nativeType: "submit" }, () => "提交求助"),
      ]),
      h(Tabbar, model(tab), () => ["点单", "我的求助", "我的"].map((name) => h(TabbarItem, () => name))),
    ]);
  },
}).mount("#app");
