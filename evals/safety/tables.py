"""The forms in which other people write identifiers, and texts that only look like it: data of strangers.py.

In values `#` is a digit, `[A-Z0-9]` one of a class (or of CLASSES), `{n}` or `{m,n}` repeats either, `<a|b>` is a choice; `§` parts
the secret from what merely goes with it. Frames hold one mark: `{}` the value as it is, `{q}` percent-encoded, `{+}` as in a form,
`{j}` as in JSON (`{J}` but for other scripts), `{l}` and `{U}` in lower and upper case, `{w}` with full-width and `{a}` with Arabic
digits, `{s}` with _ and `{k}` with - for spaces; `<T>` is a time and `<N>` a small number.
"""

from __future__ import annotations


def rows(text: str) -> list[str]:
    """Cells of a table, parted by broken bars, wherever its lines may break."""
    return [cell.strip() for cell in text.replace("\n", " ").split("¦")]


PHONES = rows("""+1 ([2-9]##) [2-9]##-####¦([2-9]##) [2-9]##-####¦[2-9]##-[2-9]##-####¦+1[2-9]##[2-9]######¦3##-#######¦
1-[2-9]##-[2-9]##-#### ext. ###¦+49 17# #######¦0151/########¦0049 30 ########¦(030) ### ## ##¦089 - ## ## ## ##¦
+49 (0) 221 / ######¦07### ######¦+447#########¦+44 (0)20 #### ####¦06 ## ## ## ##¦07.##.##.##.##¦+33 6 ## ## ## ##¦
+34 6## ### ###¦6## ## ## ##¦+39 3## #######¦06-########¦+32 47# ## ## ##¦079 ### ## ##¦+41 (0)44 ### ## ##¦## ## ## ##¦
0664 #######¦+43/699/########¦+48 ### ### ###¦+420 6## ### ###¦070-### ## ##¦+47 4## ## ###¦+358 40 #######¦89#########¦
+7 (9##) ###-##-##¦8(9##)#######¦+380 (67) ### ## ##¦0 (5##) ### ## ##¦+972-5#-###-####¦+966 5# ### ####¦0097150#######¦
010########¦+91 9#### #####¦[6-9]#########¦0300-#######¦13# #### ####¦+86 1[5-9]#########¦(010) ####-####¦09##-###-###¦
+852 #### ####¦090-####-####¦03-####-####¦010-####-####¦+82 10 #### ####¦04## ### ###¦+61 4## ### ###¦(11) 9####-####¦
+55 21 9########¦+52 1 55 #### ####¦+54 9 11 ####-####¦+56 9 #### ####¦082 ### ####¦0803 ### ####¦+254 7## ######¦
09# ### ## ##¦08#-###-####¦0812-####-####¦0917 ### ####¦+65 9### ####¦0912 ### ####¦69# ### ####""")
CARDS = rows("""16 4¦16 4¦13 4¦19 4¦16 5[1-5]¦16 5[1-5]¦16 222[1-9]¦16 2[3-6]¦15 3<4|7>¦14 3[68]¦14 30[0-5]¦16 6011¦
16 65¦16 35[3-8]#¦16 62¦19 62¦16 6759¦12 50[1-9]¦16 220[0-4]¦16 6521¦16 9792""")
CARD_GAPS = ["", "", "", " ", " ", "-", "-", ".", "\u00a0", "  ", " - ", "_", "/"]
IBANS = rows("""DE #{18}¦DE #{18}¦GB [A-Z]{4}#{14}¦FR #{10}[A-Z0-9]{11}##¦NL [A-Z]{4}#{10}¦ES #{20}¦CH #{5}[A-Z0-9]{12}¦
IT [A-Z]#{10}[A-Z0-9]{12}¦AT #{16}¦BE #{12}¦PL #{24}¦SE #{20}¦NO #{11}¦DK #{14}¦PT #{21}¦IE [A-Z]{4}#{14}¦CZ #{20}¦
HU #{24}¦RO [A-Z]{4}[A-Z0-9]{16}¦GR #{7}[A-Z0-9]{16}¦TR #{5}0[A-Z0-9]{16}¦SA ##[A-Z0-9]{18}¦AE #{19}¦LU ###[A-Z0-9]{13}¦
MT [A-Z]{4}#{5}[A-Z0-9]{18}¦BR #{23}[A-Z][A-Z0-9]¦UA #{6}[A-Z0-9]{19}""")
IBAN_GAPS = ["", "", "", " ", " ", " ", "-", "\u00a0", ".", "\u202f"]
IPV4S = rows("""{ip}¦{ip}¦{ip}¦{ip}¦{ip}¦{ip}¦{ip}¦{ip}¦§{ip}§:{port}¦§{ip}§/24¦[§{ip}§]¦http://§{ip}§:8080/admin¦
ip-§{dash}§.eu-west-1.compute.internal¦§{ip}§.in-addr.arpa¦{padded}¦host-§{dash}§.dyn.isp.example¦\\\\§{ip}§\\share""")
IPV6S = rows("""{c}¦{c}¦{c}¦{x}¦{C}¦{X}¦{loose}¦[§{c}§]:{port}¦[§{x}§]¦§{c}§/64¦§{ll}§%eth0¦§{ll}§%12¦::ffff:{v4}¦{ula}¦
::FFFF:{v4}¦https://[§{c}§]/¦{ll}¦64:ff9b::{v4}¦inet6 §{C}§/128""")
CLASSES = {"b": "A-Za-z0-9+/", "u": "A-Za-z0-9_-", "w": "A-Za-z0-9", "x": "a-f0-9"}
KEYS = rows("""<AKIA|ASIA>[A-Z2-7]{16}¦aws_secret_access_key = §[b]{40}¦ghp_[w]{36}¦<gho|ghu|ghs>_[w]{36}¦glpat-[u]{20}¦
github_pat_[w]{22}_[w]{59}¦xoxb-#{11}-#{12}-[w]{24}¦xoxp-#{11}-#{11}-#{12}-[x]{32}¦xapp-1-A[A-Z0-9]{10}-#{13}-[x]{64}¦
https://hooks.slack.com/services/§T[A-Z0-9]{8}/B[A-Z0-9]{8}/[w]{24}¦<sk|rk>_<live|test>_[w]{24}¦sk_live_51[w]{97}¦
whsec_[w]{32}¦AIza[u]{35}¦ya29.a0A[u]{60,120}¦1//0[u]{60,90}¦sk-[w]{20}T3BlbkFJ[w]{20}¦sk-proj-[u]{74}T3BlbkFJ[u]{74}¦
sk-ant-api03-[u]{93}AA¦SG.[u]{22}.[u]{43}¦npm_[w]{36}¦pypi-AgEIcHlwaS5vcmc[u]{90,140}¦hf_[A-Za-z]{34}¦dop_v1_[x]{64}¦
<shpat|shpss|shpca|shppa>_[x]{32}¦sq0atp-[u]{22}¦EAAA[u]{60}¦#{8,10}:AA[u]{33}¦[MNO][w]{23}.[u]{6}.[u]{38}¦SK[x]{32}¦
https://discord.com/api/webhooks/#{18}/§[u]{68}¦AccountName=stor##;AccountKey=§[b]{86}==¦[w]{3}8Q~[w]{34}¦key-[x]{32}¦
sv=2022-11-02&sr=b&sig=§[w]{43}%3D¦TWILIO_AUTH_TOKEN=§[x]{32}¦[x]{32}-us<5|12|21>¦dapi[x]{32}¦ntn_#{11}[w]{35}¦
ATATT3xFfGF0[u]{120,170}=[A-F0-9]{8}¦lin_api_[w]{40}¦hvs.[u]{90,100}¦glsa_[w]{32}_[x]{8}¦NRAK-[A-Z0-9]{27}¦r8_[w]{37}¦
pat[w]{14}.[x]{64}¦dckr_pat_[u]{27}¦[w]{14}.atlasv1.[u]{67}¦sbp_[x]{40}¦LTAI5t[w]{18}¦DD_API_KEY=§[x]{32}¦
HRKU-AA[u]{58}¦postgres://app:§[w]{16,24}§@db:5432/shop¦AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}¦
-----BEGIN PRIVATE KEY-----\\n§MC4CAQAwBQYDK2VwBCIEI[b]{43}§\\n-----END PRIVATE KEY-----¦
-----BEGIN EC PRIVATE KEY----- §MHcCAQEEI[b]{43}oAoGCCqGSM49AwEHoUQDQgAE[b]{86}==§ -----END EC PRIVATE KEY-----¦
-----BEGIN RSA PRIVATE KEY-----\\n§MIIEowIBAAKCAQEA[b]{48}\\n[b]{64}§...""")
JWT_HEADS = rows("""32 {"alg":"HS256","typ":"JWT"}¦32 {"typ":"JWT","alg":"HS256"}¦64 {"alg":"ES256","kid":"k7"}¦
64 {"alg":"EdDSA"}¦48 {"alg":"HS384","typ":"JWT"}¦64 {"alg":"HS512"}¦0 {"alg":"none"}""")
JWT_CLAIMS = ["sub iat", "sub exp aud", "uid", "iss sub exp", "jti sub", "user_id exp role"]
URL_BASES = rows("""https://shop.example/¦https://www.bank.example/konto¦http://news.example/a/7.html¦
https://app.tool.example/#/reset¦myapp://open/order¦wss://live.example/ws¦//a.example:8443/cb""")
URL_TAILS = rows("""?token=V¦?utm_source=mail&uid=V¦?page=2&session=V&lang=de¦#access_token=V&token_type=bearer¦?q=V¦?V¦
?user%5Bid%5D=V¦;jsessionid=V?page=1¦?Name=V&amp;go=1¦?next=%2Fhome%3Ftoken%3DV¦?next=%252Fa%253Fcode%253DV¦#V""")
URL_VALUES = rows("""[x]{32}¦[x]{8}-[x]{4}-4[x]{3}-a[x]{3}-[x]{12}¦[u]{22}¦[w]{21}%3D¦#{6,9}¦19[5-9]#-0[1-9]-[12]#¦
<anna|jens|li|omar>.<berg|sato|diaz>##¦[A-Z0-9]{10}¦<divorce|hiv|insolvenz>+<lawyer|test|forum>+##¦s%3A[u]{32}.[u]{20}¦
<Bj%C3%B6rn|Ay%C5%9Fe|%E7%8E%8B>%20<M%C3%BCller|Kov%C3%A1cs|%E8%8A%B3>¦<Summer|Passwort|qwerty>##%21""")
COORDS = rows("""{la}, {lo}¦{la},{lo}¦{la} {lo}¦{la};{lo}¦({la}, {lo})¦{C1}; {C2}¦{C1} / {C2}¦{A}°{ns}, {O}°{ew}¦
{ns}{A} {ew}{O}¦{A}{ns} {O}{ew}¦{d1}°{m1:02}'{s1:04.1f}"{ns} {d2}°{m2:02}'{s2:04.1f}"{ew}¦{A}° {nru}, {O}° {eru}¦
{d1}° {m1}′ {s1:.0f}″ {ns}, {d2}° {m2}′ {s2:.0f}″ {ew}¦{ns} {d1}° {f1:06.3f} {ew} {d2:03}° {f2:06.3f}¦{i1}{i2}/¦
{d1}°{m1}’{s1:.0f}’’{ns} {d2}°{m2}’{s2:.0f}’’{ew}¦{d1} {m1:02} {s1:02.0f} {ns} {d2} {m2:02} {s2:02.0f} {ew}¦
{d1}º {m1}' {ns}, {d2}º {m2}' {ew}¦{d1}-{m1:02}-{s1:02.0f}{ns} {d2:03}-{m2:02}-{s2:02.0f}{ew}¦geo:§{la},{lo}§;u=35¦
lat=§{la}§&lon={lo}¦{{"lat":{la},"lng":§{lo}§}}¦latitude: §{la}§ longitude: {lo}¦POINT(§{lo} {la}§)¦!3d§{la}!4d{lo}§¦
"coordinates":[§{lo}, {la}§]¦https://www.google.com/maps/@§{la},{lo}§,17z¦?ll=§{la},{lo}§&z=15¦x={lo} y=§{la}§¦
$GPGLL,§{d1:02}{f1:07.4f},{ns},{d2:03}{f2:07.4f},{ew}§,A¦lat {la} / lon §{lo}§¦Breite §{C1}§ Länge {C2}""")
GRIDS = rows("""[2-9C][2-9CFGHJMPQRV][2-9CFGHJMPQRVWX]{6}+[2-9CFGHJMPQRVWX]{2}¦[1-5]#[C-HJ-NP-X] [2-7]##### [1-9]######¦
[1-5]#[C-HJ-NP-X][A-HJ-NP-Z][A-HJ-NP-V] ##### #####¦geohash=§[0-9b-hjkmnp-z]{9,12}¦
///<lamp|cold|river|tiger>.<jog|inner|bakes>.<mint|rug|odds>""")
NAMES = rows("""gf; Mr _|Mrs _|Dr _; Emily Jack Harriet Owen Chloe Marcus; Hargreaves Whitlock Baxter O'Rourke Penn
Smith¦gf; Frau _|Herr _|Dr. _; Jürgen Anneliese Sabine Björn Lena Uwe; Müller Schäfer Weiß Vogt von_Aldenhoven¦gf; M.
_|Mme _; Benoît Élodie Chantal Jean-Luc Hervé; Lefèvre Dubois Marchand L'Hermitte de_la_Tour¦gf; Sr. _|Sra. _;
María_José Íñigo Guadalupe Rubén Andrés; García_Peña Muñoz Ortega_Ruiz Zúñiga Vega¦gf; Sig. _|Dott.ssa _; Giulia Matteo
Federica Luca Nicolò; Esposito De_Luca Rinaldi D'Angelo Ferri¦gf; pan _|pani _; Małgorzata Zbigniew Agnieszka Łukasz
Żaneta; Kaczmarek Wójcik Dąbek Szczepaniak Nowak¦gf; _; Åsa Søren Þórunn Mikkel Sigrún; Lindqvist Sørensen Jónsdóttir
Østby Virtanen¦gf; г-н _|г-жа _; Анна Дмитрий Ольга Сергей Наталья; Кузнец Шевченко Бондаренко Лысенко Мельник¦gf; _
Bey|_ Hanım; Ayşe Mehmet Gülşen Çağlar Oğuz; Yılmaz Demirtaş Şahin Öztürk Aydın¦gf; السيد _|د. _; محمد فاطمة يوسف ليلى
خالد; الحسيني بن_علي المنصوري حداد العتيبي¦gf; Shri _|Smt. _; Priya Rajesh Lakshmi Arjun Venkat; Iyer Chatterjee
Deshmukh Patel Kaur¦gf; श्री _; प्रिया राजेश सुनीता अमित; शर्मा वर्मा गुप्ता यादव¦fg; _先生|_女士; 伟 芳 秀英 建国 雨桐 浩然; 王 李 欧阳 陈
赵 司马¦fG; Mr _|Ms _; Wei Xiaoling Jianguo Yuchen Mei-Ling; Zhang Ouyang Chen Xu Ng¦fg; _様|_さん; 太郎 美咲 健一 さくら 大輔; 佐藤 山本 長谷川
渡辺 五十嵐¦gf; _-san|_-sama; Haruka Kenji Yūko Takeshi Ayumi; Satō Hasegawa Ishikawa Mori Ōno¦fg; _님|_씨; 민준 서연 지우 현우 수빈; 김 이
박 최 남궁¦fG; anh _|chị _; Thị_Hương Văn_Dũng Minh_Anh Quốc_Bảo; Nguyễn Trần Phạm Đặng Huỳnh¦gf; Chief _|Mrs _; Chukwuemeka
Adaeze Oluwaseun Ngozi; Okonkwo Adeyemi Balogun Nwachukwu¦gf; Ndugu _; Wanjiru Kwame Sipho Thandiwe Abebe; Kamau Mensah
Dlamini Mwangi Tesfaye¦gf; Pak _|Bu _; Siti Budi Dewi Agus Putri; Santoso Wijaya Hidayat Kusuma""")
NAME_FORMS = {
    "gf": [*["{g} {f}"] * 5, "{f}, {g}", "{F}, {g}", "{g} {F}", "{i}. {f}", "{g} {m}. {f}", "{f} {g}", "{h}"],
    "fg": ["{f}{g}", "{f}{g}", "{f} {g}", "{h}"],
    "fG": ["{f} {g}", "{f} {g}", "{g} {f}", "{F} {g}", "{h}"],
}
ADDRESSES = rows("""<Lindenstr.|Hauptstraße|Am Alten Markt|An der Wöhrmühle> NR, [1-9]#### <Kassel|Köln|Bad Hersfeld>¦
<Mühlweg|Schulstraße|Auf dem Berg> NR¦[1-9]### <Maple|N Oak|W 4th|Elm Creek> <St|Ave|Street|Rd.|Blvd>, <|Apt #B,
>Dayton<,|> OH [1-9]####<|-####>¦PO Box #### Boise¦[1-9]# <Church|Mill|Station> <Lane|Road|Close>, <Leeds|York|Hull>
<LS|YO|HU>[1-9] #[ABD-H][ABD-H]¦Flat [1-9], [1-9]# <Rose Terrace|Queen's Gate>, Bristol BS# #[ABD-H][ABD-H]¦NR<, | >rue
<de la Paix|Victor Hugo|des Lilas>, <69|31|13|59>0## <Lyon|Toulouse|Marseille>¦C/ <Mayor|San Juan|de la Luna>, [1-9]#,
#º <A|izq.>, [1-4]#### <Sevilla|León|Cádiz>¦Via <Garibaldi|Roma|dei Mille> NR, ##### <Pisa|Bari|Lecce>¦
<Kerkstraat|Dorpsweg> NR, [1-9]### [A-Z]{2} <Utrecht|Zwolle>¦ul. <Polna|Długa> [1-9]#/[1-9]<| m. 4>, ##-###
<Łódź|Gdynia|Opole>¦ул. <Ленина|Садовая|Мира>, д. [1-9]#, кв. [1-9]#, г. <Тверь|Пермь>¦Rua <das Flores|XV de Novembro>,
### - Centro, <Curitiba|Recife>, #####-###¦<Atatürk|İnönü> <Cad.|Mah. Gül Sk.> No:[1-9]# D:[1-9], <Bursa|İzmir>¦
〒###-#### <東京都杉並区高円寺南|大阪府堺市北区長曽根町>[1-5]-1#-[1-9]¦<北京市朝阳区建国路|广州市天河区体育西路>[1-9]#号[1-9]单元[1-9]0#室¦<서울특별시 마포구 양화로|부산시 해운대구
좌동로> [1-9]#길 [1-9], [1-9]0#호¦Flat [1-9]0#, <Shanti|Green> Apartments, <M.G. Road|Sector 14>, <Pune|Indore> [1-8]#####¦
[1-9]/1## <Collins|Bourke> St, <Ballarat VIC|Dubbo NSW> ####¦Calle [1-9]# No. ##-##, <Cali|Pasto>¦<شارع النيل|شارع الملك
فهد> ##، <القاهرة|الرياض> #####¦Packstation 1##, [1-9]#### Bonn¦Ringstraße [1-9]/1#/[1-9], 1##0 Wien""")
MAIL_NAMES = rows("anna berger¦jack hale¦lucia ortega¦omar haddad¦wei zhang¦priya nair¦søren dahl¦ngozi eze¦yuki mori")
MAIL_LOCALS = rows("""{g}.{f}¦{g}.{f}¦{g}{f}##¦{i}{f}¦{f}_{g}¦{g}-{f}¦{g}.{f}+<shop|news|spam>¦[a-z0-9]{{8,12}}¦{g}##¦
<info|kontakt|sales|no-reply>¦{g}.{i}.{f}¦the_{g}_##¦{f}.{i}##¦{g}+####¦########¦_{g}.x""")
MAIL_DOMAINS = rows("""stud.uni-<nord|ost>burg.de¦mail.<acme|globus>-group.co.jp¦<bücher|käse>-<haus|eck>.de¦
<nord|blau|tele|web|fast|sun><post|wing|kiste|mailer|box>.<com|de|net|fr|it|co.uk|com.br|pl|ru|io|email|jp>¦
xn--bcherhaus-q9a.at¦<почта|сайт>-дом.рф""")
MAIL_ATS = [*["@|."] * 45, " (at) |.", "[at]|[dot]", " at | dot ", "＠|.", "&#64;|.", "@ |.", "\\u0040|.", "(ät)|."]
COMMON = rows("""{}¦{}¦{}¦"{}"¦({})¦{}.¦search: {}¦q={+}¦/search?q={+}&page=<N>¦{"query":"{J}","hits":<N>}¦{}??¦
<T> INFO input value="{}" len=<N>¦Ergebnisse für „{}“¦「{}」の検索結果¦{} | Shop¦поиск: {}¦<li>{}</li>¦notiz:{}¦{},<N>,true¦
{\\"text\\":\\"{}\\"}""")
FRAMES: dict[str, list[str]] = {
    kind: rows(frames)
    for kinds, frames in {
        "e-mail": """mailto:{}¦/unsubscribe?e={q}¦write me at {} thx¦<{}>¦user {} not found¦{"email":"{j}"}¦{U}¦メール：{}¦
Rechnung an {} bitte¦from:{} has:attachment¦login failed for {}: bad pw¦mi correo es {}, ok¦550 5.1.1 <{}>: rejected""",
        "phone": """tel:{}¦Tel.: {}¦call {} before 6pm¦whatsapp {}¦vorher anrufen: {}¦mon num c'est le {}¦wa.me/?phone={+}¦
電話 {w}¦{"phone":"{j}"}¦sms to {} failed: 21211¦who is {}¦cel {} (tarde)¦тел. {}¦هاتف {a}¦mob:{}""",
        "card": """card {}¦cc={q}&cvv=¦{"pan":"{j}"}¦Kartennummer: {}¦my card is {} exp next yr¦declined for {}¦carte n° {}¦
tarjeta {}¦<T> ERROR charge failed pan={}¦カード番号 {w}¦VISA {}¦карта {}¦receipt_{s}.pdf¦{}|12/29""",
        "IPv4,IPv6": """client={}¦{} - - "GET / HTTP/1.1" 200 <N>¦refused: {}¦ssh root@{}¦X-Forwarded-For: {}¦my ip is {}¦
ping {} timeout¦blocked {} after <N> tries¦whois {}¦<T> sshd: Failed password from {}¦IPアドレス {}¦Anmeldung von {}¦
src={} dst=-¦for="{}"¦{"ip":"{j}"}¦route add {} dev eth0""",
        "IBAN": """IBAN {}¦IBAN: {}¦iban={q}¦{"iban":"{j}"}¦auf {} überweisen¦refund to {} please¦virement vers {}¦Kto {}¦
nr konta {}¦invalid IBAN "{}"¦{l}¦my acc is {l}¦transfer_{s}.xml¦<T> ERROR sepa iban={} rc=<N>¦счёт {}""",
        "JWT,key": """Authorization: Bearer {}¦token={}¦Cookie: auth={}; Path=/¦{"token":"{j}"}¦/cb#t={}&state=1¦decode {}¦
401 expired: {}¦curl -H "X-Auth: {}"¦<T> DEBUG auth={}¦const k = '{}';¦wss://live.example/?t={}¦export TOKEN="{}"¦
?key={q}¦pls use {} for now¦curl -u {}: https://api.example¦secret: {}¦why is {} not working¦X-Api-Key: {}""",
        "URL parameter": """GET {} HTTP/1.1¦referrer: {}¦<a href="{}">¦page_view url={}¦location.href='{}'¦opened {}¦
POST {} 302 <N>ms¦[link]({})¦u={q}&r=1¦<T> 404 {}¦siehe {}¦Refused to load {} because of CSP¦ouvre {} stp¦curl '{}'""",
        "coordinates": """location {}¦pos={q}¦meet at {}¦Treffpunkt {}¦photo taken {}¦GPS fix: {} acc=<N>¦directions to {}¦
wo ist {}¦pin: {}¦<T> geo update {} ok¦waypoint <N>: {}¦координаты {}¦IMG_<N>.jpg [{}]""",
        "person name": """ship to {}¦z.Hd. {}¦{} - Profile¦CV_{s}.pdf¦/people/{k}¦{l} facebook¦Name: {}¦{l}¦name={+}¦{U}¦
Lieferung an {}, nicht Nachbar¦Dear {},¦Grüße, {}¦spoke to {} about refund¦Assigned to {}¦engraving "{}"¦regalo para {}¦
merci {} !¦Termin {} 14 Uhr¦call w/ {} re: invoice¦заказ на имя {}¦{}さんのページ¦{"name":"{j}"}""",
        "postal address": """ship to: {}¦Lieferadresse: {}¦{"address":"{j}"}¦leave it at {} pls¦directions to {l}¦{l}¦{U}¦
livraison au {}¦wohnung {}¦Entrega en {}. Gracias¦maps?daddr={q}¦住所：{}¦адрес: {}¦<T> WARN geocode "{}"?""",
        "order number,tracking or ISBN or EAN": """no {} status¦{"ref":"{j}"}¦Sendung {}¦n° {}¦where is {}¦/orders/{q}¦
re: {}¦pedido {} no llega¦<T> INFO {} shipped¦заказ {}¦番号：{}¦scan_{s}.pdf¦Retoure zu {}¦barcode {}¦item={+}""",
        "version,product code": """update {} failed¦firmware {}¦driver {}¦{} vs older¦{} notes¦app-{}.apk¦{} manual pdf¦
Treiber {} laden¦<T> INFO release={}¦требуется {}¦sku={q}¦/p/{q}¦fits {}?¦pièce {}¦Art.-Nr. {}¦型番 {}¦img/{}.jpg""",
        "time": """at {}¦open {}¦{"ts":"{j}"}¦ab {} Uhr¦[{}] loaded¦bis {}!¦bus {}¦seen {}¦à {}¦rec_{s}.mp4¦до {}¦t={q}""",
        "price or size": """price {}¦nur {}¦max={q}¦< {}¦Größe {}¦{} rug¦taille {}¦box {}¦was {}¦цена {w}¦{} ca¦ab {}""",
        "words": """{}¦{l}¦{U}¦{} kaufen¦buy {} online¦{} - Wiki¦{"title":"{j}"}¦/c/{k}¦{} | Home¦utm={+}¦{}.png¦tag:{s}""",
    }.items()
    for kind in kinds.split(",")
}
LOOK_ALIKES: dict[str, list[str]] = {
    kind: rows(values)
    for kind, values in {
        "order number": """<ORD|PO|INV|RE|SO|BE>-202[0-6]-#{5}¦1##-#######-#######¦#{9}¦[#]#{4,6}¦8#.###.##¦4500#{6}¦#{12}¦
202[0-6]#{4}-###¦WEB1#{8}¦<AB|LS>/2#/#{5}¦[A-Z]{3,5}-#{3,5}¦000#{7}¦[A-Z]{2}#{4}[A-Z]#¦10#{14}¦S0#{9}¦#{3}-#{3}-#{3}""",
        "version": """#.#.#¦[1-9]#.0.#{4}.#{3}¦v[1-9].#.#.1#¦10.0.190##.####¦1.#.##.###¦#.#.#-<rc|beta|alpha>.#¦202#.#.#¦
3.1#.##¦#.#.#+build.###¦[1-9].##.##¦1#.#¦4.##.#-1##-generic¦Firmware [1-9]#.1.2.#¦1.8.0_3##¦[1-9].#.#_p1¦[x]{7}""",
        "time": """[01]#:[0-5]#:[0-5]#¦202[0-6]-0[1-9]-1#T1#:[0-5]#:[0-5]#Z¦17#{8}¦17#{11}¦1#.0[1-9].202# 1#:[0-5]#¦
0[1-9]/1#/202#¦[89]:[0-5]0-1[789]:[0-5]0¦0:[0-5]#:[0-5]#:[0-5]#¦00:[0-5]#:[0-5]#,### --> 01:[0-5]#:[0-5]#,###¦
2024011#T1#[0-5]#[0-5]#Z¦#h [1-5]#m¦<Mon|Tue|Fri> [1-9] <Jan|May|Oct> 1#:[0-5]#:[0-5]# UTC 202#¦1#:[0-5]#:[0-5]#.#{6}¦
<Mo-Fr|Mon–Sat> 9:[0-5]0–18:[0-5]0¦S0#E1# 1#:[0-5]#¦*/# [1-9] * * *¦1# h [0-5]#¦[1-9]:[0-5]# <pm|AM|p.m.>""",
        "product code": """[A-Z]{2}-#{4}[A-Z]{2}#¦RTX [345]0[5-9]0 <Ti|Super>¦B0[A-Z0-9]{8}¦6ES7 2##-1AG40-0XB#¦
[A-Z]##-[A-Z]#-#{3}¦i[3579]-1[0-4]#00K¦SM-[AGS]###[BFU]/DS¦#{3}.#{3}.##¦[A-Z]{3}#{5}/##¦M[5-8]x## DIN ###¦0 ### ### ###¦
ATmega#{3}P-PU¦[A-Z]#{3}-[A-Z]{4}-##¦#[A-Z]# ### ###[A-Z]¦[A-Z]{4}#{6}[A-Z]¦[A-F0-9]{4}:[A-F0-9]{4}¦DE##[A-Z]{2}""",
        "price or size": """[1-9].#{3},## €¦$[1-9],#{3}.99¦#{2,3},--¦<195|205|225>/[4-6]5 R1[5-9]¦##.# x ##.# x #.# cm¦
<1920x1080|2560 x 1440|3840×2160>¦W3# L3[0-6]¦5'1[01]"¦##,## - ##,## EUR¦##.##, ##.##¦£##.##¦¥1#,#00¦₹#,##,###¦### m²¦
1[0-9]0/200¦USD/EUR 0.9###, 1.0###¦4[0-8] 2/3¦[1-8]#° [1-5]#'¦#.#{3}.#{3} VND¦1## <CHF|PLN|kr.>¦⌀ ##,# mm¦Ø##×#""",
        "tracking or ISBN or EAN": """gs1 97<8|9>#########?¦gs1 978-#-##-######-?¦gs1 978 3 ### ##### ?¦gs1 40##########?¦
gs1 <30|50|76|87|93>##########?¦gs1 # ##### ##### ?¦isbn10 #-###-#####-?¦isbn10 3#{8}?¦ups 1Z[A-Z0-9]{6}0[1-3]#{7}?¦
s10 <RR|LX|CP|EE>#{8}?<DE|CN|GB|US|NL>¦gs1 9[2-4]00#{17}?¦gs1 (00)3#{16}?¦none 0034#{16}¦none JJD0#{17}¦none TBA#{12}¦
none #{12}¦none H1#{18}¦gs1 1#{12}?¦none 1#{13}¦gs1 #{7}?¦none YT2#{15}""",
        "words": """24/7¦@home set¦ratio <16:9|4:3|21:9>¦Paris street sign¦CSS a::before¦std::vector<int>¦x=5, y=7 solve¦
<Rose Gold|Pearl White|Olive Green|Amber Glow> <Lamp|Vase|Mirror|Ring>¦meet @ 5pm meme¦Dr. Martens 1460¦Virginia ham¦
Jack Wolfskin jacket¦Olive Garden menu¦Wall Street 1987 film¦Santa Cruz skateboard¦Black Forest cake¦IP68 phone case¦
IPv6 vs IPv4¦IBAN check online¦phone number lookup¦email signature template¦jwt bearer token meaning¦api key rotation¦
change of address form¦@media (max-width: ##0px)¦@types/node¦user@host meaning¦foo=bar&baz¦Catch-22¦Boeing 737-800¦
Ocean's 11¦Route 66 sign¦iPhone 1[1-6] Pro Max¦Windows 11: Update¦John 3:16¦Genesis 1:1-31¦WD-40¦A4 Papier 80g¦東京駅 ランチ¦
Hauptbahnhof Parken¦Romantische Straße Karte¦Rote Grütze Rezept¦Kölner Dom Öffnungszeiten¦Earl Grey tea¦Big Ben Lego¦
Granny Smith apple¦Black Friday Deal¦Place de la Bastille métro¦zapatos rojos talla 3#¦Santiago de Chile clima¦北京 烤鸭¦
кофе в зёрнах 1 кг¦Красная площадь фото¦서울 맛집¦طقس القاهرة¦Kırmızı Halı 160x230¦Pizza Margherita¦3:10 to Yuma¦
HTTP 404: Not Found¦ERR_CONNECTION_REFUSED¦Error code: 0x80070##7¦<Oslo|Verona|Florence> <Shelf|Desk|Lamp> <S|M|XL>¦
<Blue|Red|Ivory> <Linen|Velvet|Oak> <Chair|Sofa|Table> No. #¦<Dorothy|Billy|Hugo> <Regal|shelf> ##x###""",
    }.items()
}
