"""The characters that look alike or are written in two ways in addresses."""

from __future__ import annotations

import unicodedata

# U+2E80-2EF3: radicals that print like a character and are another code point. NFKC folds only two of them.
# A space marks a number that Unicode leaves empty or that resembles no character of its own.
_RADICALS_SUPPLEMENT = (
    " 厂乛乚乙亻冂几刀刂卜卩小小兀尢尢尢巳幺彑彐忄心扌攵 旡日月歺母"
    "民氵氺灬爫爫丬牛犭王疋罒示礻竹糹纟罓罒网罒网羊羊羊耂肀聿肉臼艹艹"
    "艹虎衤覀西见角角讠贝足车辶辶辶阝钅长长长门阝阝雨青韦页风飞食食食"
    "饣首马骨鬼鱼鸟卤麦黄黾齐齐齿齿龙龙龟龟龟"
)

RADICALS: dict[int, str] = {
    0x2E80 + place: character for place, character in enumerate(_RADICALS_SUPPLEMENT) if character != " "
} | {number: unicodedata.normalize("NFKC", chr(number)) for number in range(0x2F00, 0x2FD6)}

# Traditional and simplified side by side: the characters of place names, units and numerals, no more.
# Left out on purpose: 乾 and 著, which are also simplified characters of their own.
_PAIRS = """
號号 組组 鎮镇 鄉乡 縣县 區区 裡里 裏里 單单 棟栋 樓楼 層层 門门 戶户 間间 號号 處处 辦办 委委 會会 員员 隊队 農农 場场 廠厂 業业
東东 漢汉 陽阳 陰阴 黃黄 岡冈 崗岗 嶺岭 灣湾 壪塆 溝沟 橋桥 鋪铺 舖铺 莊庄 壩坝 壠垄 壟垄 塢坞 嶼屿 島岛 圍围 圓圆 園园 閘闸 渦涡
漁渔 龍龙 鳳凤 馬马 鳥鸟 雞鸡 鷄鸡 鴨鸭 鵝鹅 魚鱼 麥麦 穀谷 葉叶 樹树 楊杨 楓枫 檜桧 櫻樱 蘆芦 蘇苏 蘭兰 藍蓝 蓮莲 薑姜 萬万 蔣蒋
葦苇 蘄蕲 荊荆 隨随 應应 監监 雲云 夢梦 豐丰 興兴 義义 禮礼 縉缙 聖圣 聯联 勝胜 華华 國国 團团 圖图 壽寿 寶宝 實实 寧宁 審审 對对
導导 將将 專专 尋寻 屆届 嶽岳 峽峡 巖岩 嵐岚 師师 帶带 廣广 慶庆 庫库 廟庙 張张 強强 彈弹 徑径 從从 復复 愛爱 慮虑 懷怀 戰战 戲戏
揚扬 換换 撫抚 據据 擔担 擴扩 攏拢 敵敌 數数 斷断 舊旧 時时 曉晓 曬晒 書书 條条 來来 極极 榮荣 構构 槍枪 標标 橫横 檔档 權权 歐欧
歡欢 歲岁 歷历 歸归 殘残 殼壳 氣气 決决 沖冲 衝冲 況况 淺浅 淵渊 淚泪 濟济 濱滨 瀘泸 灘滩 瀏浏 澤泽 潤润 潰溃 潔洁 湧涌 溫温 滅灭
滄沧 漲涨 漿浆 潛潜 濃浓 濕湿 瀝沥 瀟潇 瀾澜 灑洒 災灾 為为 爲为 烏乌 無无 煙烟 煉炼 煥焕 熱热 燈灯 燒烧 營营 爐炉 爭争 牆墙 狀状
獅狮 獎奖 獨独 獲获 獻献 環环 瑪玛 瓊琼 產产 畝亩 畢毕 畫画 當当 疊叠 療疗 發发 髮发 盤盘 盧卢 眾众 礦矿 磚砖 礎础 禪禅 禍祸 種种
稱称 積积 穩稳 窮穷 窯窑 竈灶 豎竖 競竞 筆笔 節节 築筑 簡简 糧粮 糞粪 係系 紅红 紀纪 約约 純纯 紗纱 紙纸 級级 紡纺 細细 紹绍 終终
結结 絡络 絲丝 經经 綠绿 維维 網网 綿绵 緊紧 線线 練练 緣缘 縱纵 總总 績绩 織织 繞绕 繡绣 繩绳 繼继 續续 纜缆 羅罗 羣群 習习 聞闻
聲声 職职 聽听 肅肃 腦脑 臨临 臺台 颱台 與与 舉举 艙舱 艦舰 藝艺 藥药 蕭萧 薩萨 藏藏 蘊蕴 蠶蚕 蟲虫 術术 衛卫 襖袄 見见 規规 視视
覺觉 觀观 訓训 記记 設设 許许 訪访 評评 詠咏 誌志 語语 誠诚 調调 談谈 謝谢 講讲 譚谭 護护 變变 讓让 貝贝 財财 貢贡 貨货 貫贯 貴贵
買买 費费 賀贺 資资 賈贾 賓宾 賢贤 賣卖 質质 賴赖 贊赞 贛赣 趙赵 車车 軍军 軒轩 軌轨 轉转 輪轮 輝辉 輔辅 輕轻 輿舆 農农 邊边 達达
遠远 遷迁 選选 遼辽 運运 過过 進进 連连 週周 遊游 適适 還还 鄒邹 鄖郧 鄧邓 鄭郑 鄰邻 醫医 釋释 針针 釣钓 鈣钙 鉛铅 銀银 銅铜 錢钱
鋼钢 錫锡 鍾钟 鐘钟 鐵铁 鑄铸 鎖锁 鏡镜 長长 閃闪 開开 閒闲 閣阁 關关 陝陕 陣阵 陳陈 陸陆 隆隆 階阶 際际 險险 隱隐 隻只 雙双 雜杂
離离 難难 電电 靈灵 靜静 韋韦 韓韩 韻韵 響响 項项 順顺 須须 頓顿 領领 頭头 顏颜 顧顾 願愿 類类 風风 飛飞 飯饭 館馆 馮冯 駐驻 駕驾
駝驼 駱骆 騎骑 騰腾 驛驿 驢驴 驗验 體体 鬆松 魯鲁 鮑鲍 鮮鲜 鯉鲤 鯰鲶 鱉鳖 鳴鸣 鴻鸿 鴿鸽 鵬鹏 鶴鹤 鷹鹰 鷺鹭 鹽盐 麗丽 麻麻 點点
黨党 齊齐 齋斋 齒齿 龐庞 龔龚 龜龟 貳贰 後后 堯尧 塊块 塵尘 墳坟 墾垦 墊垫 執执 報报 壯壮 夾夹 奧奥 孫孙 學学 孿孪 屬属 岸岸 嶗崂
峯峰 巢巢 佔占 侖仑 侶侣 倉仓 個个 倫伦 偉伟 側侧 傑杰 備备 傳传 傷伤 僑侨 億亿 儀仪 優优 兒儿 內内 兩两 冊册 凍冻 淩凌 凈净 淨净
劉刘 則则 剛刚 創创 劃划 劍剑 劑剂 動动 務务 勞劳 勢势 勳勋 勵励 匯汇 協协 卻却 厲厉 參参 叢丛 吳吴 呂吕 員员 喬乔 喪丧 嚴严 園园
塗涂 墻墙 夠够 奪夺 嬰婴 宮宫 寬宽 寫写 嶇岖 廈厦 廚厨 廢废 彙汇 徵征 德德 悅悦 惡恶 慣惯 態态 憂忧 憲宪 戔戋 掃扫 採采 攔拦 敘叙
晉晋 晝昼 暢畅 楨桢 槳桨 樁桩 樑梁 樣样 樺桦 檢检 櫃柜 欄栏 殺杀 毀毁 氫氢 汙污 沒没 滬沪 滿满 漬渍 漸渐 潑泼 澀涩 濰潍 瀉泻
"""

TRADITIONAL: dict[str, str] = {pair[0]: pair[1] for pair in _PAIRS.split() if pair[0] != pair[1]}
